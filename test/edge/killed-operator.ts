/** An operator whose writes are interrupted by kills, and retried by key until each is answered. */
import { type Answer, type Call, exchange, readJson } from '../support/client.ts';
import { keyOf } from '../support/key-of.ts';
import type { AdminDrop, Order, Purchase } from '../support/shapes.ts';
import { dropBody, purchaseCall, until } from '../support/shop.ts';
import type { EdgeShop } from './worker-under-test.ts';

/** Drops of the customers whose data is deleted. */
const SIDE_DROPS = 3;
const RESTOCKED_UNITS = 20;

interface Write {
  call: Call;
  /** Checks the first answer. */
  settle: (answer: Answer) => Promise<void> | void;
  /** Whether a retry's answer shows that the write was executed. */
  isDone: (answer: Answer) => boolean;
}

const isReplay = ({ headers }: Answer): boolean => headers['idempotency-replayed'] === 'true';

export class KilledOperator {
  readonly violations: string[] = [];
  /** Writes, interrupted or not: each was answered in the end. */
  writes = 0;
  /** Units by drop id, as acknowledged to the operator. */
  readonly stock = new Map<string, number>();
  readonly #shop: EdgeShop;
  readonly #shards: number;
  /** Their orders are not in the ledger of the crowd. */
  readonly #sideDrops: string[] = [];
  #open: Write[] = [];
  /** Each is retried after every kill: its effect must stay. */
  readonly #done: Write[] = [];

  constructor(shop: EdgeShop, shards: number) {
    this.#shop = shop;
    this.#shards = shards;
  }

  /** Sends a request as the operator. Null where no answer arrives. */
  ask(call: Call): Promise<Answer | null> {
    const { url, adminToken } = this.#shop.server;
    return exchange(url, { token: adminToken, ...call }).catch(() => null);
  }

  /** Retries an idempotent request until it is answered. */
  async answerTo(call: Call): Promise<Answer> {
    const answer = await until(
      () => this.ask(call),
      (one) => one !== null && one.status !== 503,
    );
    if (answer === null) throw new Error('Nobody answers.');
    return answer;
  }

  expect(holds: boolean, violation: string): void {
    if (!holds) this.violations.push(violation);
  }

  async openDrop(slug: string, stock: number, changes: object = {}): Promise<AdminDrop> {
    return readJson<AdminDrop>(await this.#finish(this.#creationOf(slug, stock, changes)));
  }

  async openSideDrops(): Promise<void> {
    for (let count = 0; count < SIDE_DROPS; count += 1) await this.#openSideDrop();
  }

  /** Starts restocks, a creation and a deletion without waiting for them. */
  async begin(restocked: readonly string[], round: number): Promise<void> {
    const email = `guest-${round}@crowd.example`;
    for (const dropId of this.#sideDrops) await this.#buyAndCancel(dropId, email);
    const slug = `side-${round}`;
    this.#open = [
      ...restocked.map((dropId) => this.#restockOf(dropId)),
      this.#creationOf(slug, this.#shards * 2, {}),
      this.#deletionOf(email),
    ];
    for (const { call } of this.#open) void this.ask(call);
  }

  /** Retries the started writes until they are answered, and every earlier one once more. */
  async finish(): Promise<void> {
    for (const write of this.#open.splice(0)) {
      await this.#finish(write);
      this.writes += 1;
    }
    for (const { call, isDone } of this.#done) {
      const answer = await this.answerTo(call);
      this.expect(isDone(answer), `${call.path} was done again: ${answer.status} ${answer.text}`);
    }
  }

  async #finish(write: Write): Promise<Answer> {
    const answer = await this.answerTo(write.call);
    await write.settle(answer);
    this.#done.push(write);
    return answer;
  }

  async #openSideDrop(): Promise<void> {
    const { id } = await this.openDrop(`side-of-${this.#sideDrops.length}`, this.#shards * 4);
    this.#sideDrops.push(id);
  }

  #creationOf(slug: string, stock: number, changes: object): Write {
    const items = [{ sku: 'only', name: 'One size', price: 1250, stock }];
    const json = dropBody({ slug, title: slug, shards: this.#shards, items, ...changes });
    const headers = { 'idempotency-key': keyOf(slug) };
    return {
      call: { method: 'POST', path: '/admin/drops', json, headers },
      settle: (answer) => {
        if (answer.status === 201) this.stock.set(readJson<AdminDrop>(answer).id, stock);
        else this.expect(false, `${slug} was not made: ${answer.text}`);
      },
      isDone: (answer) => isReplay(answer) && this.stock.has(readJson<AdminDrop>(answer).id),
    };
  }

  #restockOf(dropId: string): Write {
    const path = `/admin/drops/${dropId}/restock`;
    const headers = { 'idempotency-key': crypto.randomUUID() };
    const json = { sku: 'only', quantity: RESTOCKED_UNITS };
    return {
      call: { method: 'POST', path, json, headers },
      isDone: isReplay,
      settle: ({ status, text }) => {
        this.expect(status === 200, `a restock was answered ${text}`);
        this.stock.set(dropId, (this.stock.get(dropId) ?? 0) + RESTOCKED_UNITS);
      },
    };
  }

  #deletionOf(email: string): Write {
    return {
      call: { method: 'POST', path: '/admin/customers/erase', json: { email } },
      isDone: ({ status }) => status === 200,
      settle: async ({ status, text }) => {
        this.expect(status === 200, `a deletion was answered ${text}`);
        const listed = await this.answerTo({ path: `/admin/orders?email=${encodeURIComponent(email)}` });
        const { orders } = readJson<{ orders: (Order & { email: string | null })[] }>(listed);
        this.expect(
          orders.length === this.#sideDrops.length,
          `${email} has ${orders.length} orders after a deletion, of ${this.#sideDrops.length}`,
        );
        this.expect(
          orders.every((order) => order.email === null),
          `${email} is still in an order after a deletion`,
        );
      },
    };
  }

  async #buyAndCancel(dropId: string, email: string): Promise<void> {
    const call = purchaseCall(dropId, { customer: { email } }, keyOf(`${email}-${dropId}`));
    const bought = await this.answerTo(call);
    const { order, token } = readJson<Purchase>(bought);
    const path = `/orders/${order.id}/cancel`;
    const cancelled = await this.answerTo({ method: 'POST', path, token });
    this.expect(cancelled.status === 200, `a cancellation was answered ${cancelled.text}`);
  }
}
