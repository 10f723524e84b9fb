/** The real application over the real committer, in one process whose waits a scheduler ends. */
import { drizzle } from 'drizzle-orm/better-sqlite3';
import type fc from 'fast-check';
import * as schema from '../../drizzle/schema.ts';
import { dropPresentation } from '../../src/answers/representation.ts';
import { createApp } from '../../src/app.ts';
import { sendRefunds } from '../../src/background/refund-sender.ts';
import { readsOf } from '../../src/database/read-database.ts';
import { immediateStatus, type ShopDatabase } from '../../src/database/shop-database.ts';
import { Snapshot } from '../../src/database/snapshot.ts';
import type { Command } from '../../src/domain/command.ts';
import type { Outcome } from '../../src/domain/outcome.ts';
import type { Deps } from '../../src/http/deps.ts';
import { createIds } from '../../src/ids/ids.ts';
import { Metrics } from '../../src/metrics.ts';
import { createSandbox } from '../../src/payments/sandbox.ts';
import { appDeps, origin } from '../support/app-deps.ts';
import { createDrop, minuteMs } from '../support/commands.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { ScratchStore } from '../support/scratch-store.ts';

const secretKey = 'a-secret-of-thirty-two-characters';
export const price = 1_250;

export interface Bought {
  status: number;
  orderId: string | null;
  token: string;
}

export class ScheduledShop {
  readonly scratch = new ScratchStore();
  // The sandbox's signatures use the machine's clock.
  readonly clock = new FakeClock(Date.now());
  readonly ids = createIds(secretKey);
  /** Payments that the provider refunded, by the refund's key. */
  readonly refunded = new Set<string>();
  readonly #scheduler: fc.Scheduler;
  readonly #store: ShopDatabase;
  readonly #app: ReturnType<typeof createApp>;
  readonly #deps: Deps;

  constructor(scheduler: fc.Scheduler, stock: number) {
    this.#scheduler = scheduler;
    const startsAt = this.clock.now() - minuteMs;
    const items = [{ sku: 'one', name: 'One', price, stock }];
    this.scratch.run(createDrop({ startsAt, items, perCustomer: 2 }), this.clock.now());
    const snapshot = new Snapshot(dropPresentation(this.ids));
    for (const change of this.scratch.committer.state().changes) snapshot.apply(change);
    this.#store = {
      snapshot,
      ...readsOf(drizzle(this.scratch.reader, { schema })),
      submit: async <C extends Command>(command: C) => {
        await this.#wait(`${command.kind} waits for the writer`);
        const { outcomes, update } = this.scratch.runBatch([command], this.clock.now());
        for (const change of update.changes) snapshot.apply(change);
        await this.#wait(`${command.kind} is answered`);
        return outcomes[0] as Outcome<C>;
      },
      status: () => immediateStatus,
      isFull: () => false,
      metrics: new Metrics(),
      tallies: async () => null,
      lastSeq: () => this.scratch.committer.state().lastSeq,
    } as Partial<ShopDatabase> as ShopDatabase;
    const sandbox = createSandbox(secretKey, () => origin);
    const provider = {
      ...sandbox,
      refund: async ({ key }: { key: string }) => {
        await this.#wait('the provider is asked for a refund');
        this.refunded.add(key);
        await this.#wait('the provider answers');
        return { kind: 'sent' } as const;
      },
    };
    this.#deps = appDeps({
      db: this.#store,
      ids: this.ids,
      clock: this.clock,
      sandbox: provider,
      providers: new Map([[sandbox.name, provider]]),
    });
    this.#app = createApp(this.#deps);
  }

  async buy(buyer: number, key: string, quantity: number): Promise<Bought> {
    const body = { dropId: 'drop', quantity, customer: { email: `buyer-${buyer}@example.com` } };
    const answer = await this.#post('/purchase', body, { 'idempotency-key': key });
    const bought = (await answer.json()) as { order?: { id: string }; token?: string };
    return { status: answer.status, orderId: bought.order?.id ?? null, token: bought.token ?? '' };
  }

  async pay(orderId: string): Promise<number> {
    return (await this.#post(`/pay/${orderId}`, { outcome: 'paid' })).status;
  }

  async cancel(orderId: string, token: string): Promise<number> {
    return (await this.#post(`/orders/${orderId}/cancel`, {}, { authorization: `Bearer ${token}` })).status;
  }

  /** The operator refunds an order, paid or not. */
  async refund(orderId: string): Promise<void> {
    const key = this.ids.parseOrder(orderId);
    if (!key) return;
    await this.#store.submit({ kind: 'refundOrder', actor: 'operator', orderId: key.orderId, restock: true });
  }

  /** Expires every hold, also during other requests. */
  async expire(): Promise<void> {
    this.clock.advance(11 * minuteMs);
    await this.#store.submit({ kind: 'releaseDue', orders: 100 });
  }

  async sendRefunds(): Promise<void> {
    const sender = sendRefunds({ ...this.#deps, random: () => 0 });
    await this.#wait('the refund sender has looked');
    await sender.stop();
  }

  async #post(path: string, body: object, headers = {}): Promise<Response> {
    await this.#wait(`${path} begins`);
    const request = new Request(origin + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    return this.#app.fetch(request);
  }

  #wait(what: string): Promise<unknown> {
    return this.#scheduler.schedule(Promise.resolve(), what);
  }
}
