/** Calls an operation with one invalid part, and verifies that the shop is unchanged. */
import { expect } from 'vitest';
import { allOperations } from '../../src/api/document.ts';
import { isOperators, type Operation } from '../../src/http/operation.ts';
import type { Answer, Call } from '../support/client.ts';
import { patienceMs } from '../support/patience.ts';
import type { RuntimeName } from '../support/server-process.ts';
import type { AdminDrop, Purchase } from '../support/shapes.ts';
import { type Shop, until } from '../support/shop.ts';
import { signedWebhook } from '../support/signed-webhook.ts';

/** Only a hang or an expensive request takes this long. */
const answerMaxMs = patienceMs;
const stock = 100_000;
const atOnce = 8;

/** The operations of this runtime. */
export const operationsOn = (runtime: RuntimeName): readonly Operation[] =>
  allOperations.filter(({ isOnlyOnWorkers, isOnlyOnMachines }) =>
    runtime === 'workerd' ? !isOnlyOnMachines : !isOnlyOnWorkers,
  );

/** A drop and an order, and the calls about them. */
export class Target {
  readonly #shop: Shop;
  readonly drop: AdminDrop;
  readonly purchase: Purchase;

  constructor(shop: Shop, drop: AdminDrop, purchase: Purchase) {
    this.#shop = shop;
    this.drop = drop;
    this.purchase = purchase;
  }

  static async at(shop: Shop): Promise<Target> {
    const drop = await shop.createDrop({ items: [{ sku: 'one', name: 'One size', price: 1250, stock }] });
    const target = new Target(shop, drop, await shop.buy(drop.id));
    // A Worker's list lags behind its drops.
    await until(
      async () => (await shop.admin({ path: '/admin/drops' })).text,
      (drops) => drops.includes('"held":1'),
    );
    return target;
  }

  /** Values of a valid body that only this shop knows. */
  get known(): Readonly<Record<string, unknown>> {
    return { dropId: this.drop.id };
  }

  /** The call without its body; `id` replaces the valid one. */
  callOf(operation: Operation, id = this.#idFor(operation)): Call {
    const call = { method: operation.method.toUpperCase(), path: operation.path.replace(':id', id) };
    if (isOperators(operation)) return { ...call, token: this.#shop.server.adminToken };
    return operation.access === 'order token' ? { ...call, token: this.purchase.token } : call;
  }

  /** Bytes signed as the sandbox signs them. */
  signed(body: string): Call {
    return signedWebhook(this.#shop.server.secretKey, body);
  }

  /** Sends the call, expects a documented answer in time. `send` fails on a 500 and on an echo. */
  async send(call: Call): Promise<Answer> {
    const begunMs = performance.now();
    const answer = await this.#shop.send(call);
    expect(performance.now() - begunMs, `${call.method} ${call.path.slice(0, 100)}`).toBeLessThan(
      answerMaxMs,
    );
    return answer;
  }

  /** Sends a few at a time, because in sequence they would mostly wait. */
  async sendAll(calls: readonly Call[]): Promise<{ call: Call; answer: Answer }[]> {
    const answers: { call: Call; answer: Answer }[] = [];
    for (let from = 0; from < calls.length; from += atOnce) {
      const some = calls.slice(from, from + atOnce);
      answers.push(
        ...(await Promise.all(some.map(async (call) => ({ call, answer: await this.send(call) })))),
      );
    }
    return answers;
  }

  /** Expects every call to be rejected for its invalid part, and the shop to be unchanged. */
  async expectRefused(calls: readonly Call[]): Promise<void> {
    const before = await this.#state();
    for (const { call, answer } of await this.sendAll(calls)) {
      const sent = String(call.body ?? call.path).slice(0, 300);
      expect(answer.status, `${answer.text.slice(0, 300)} to ${sent}`).toBeGreaterThanOrEqual(400);
      expect(answer.status, `${answer.text.slice(0, 300)} to ${sent}`).toBeLessThan(500);
    }
    expect(await this.#state()).toBe(before);
  }

  #idFor({ path }: Operation): string {
    if (path.startsWith('/payments/')) return 'sandbox';
    if (path.includes('/drops/')) return this.drop.id;
    return path.includes('/refunds/') ? 'rfd_AAAAAAAAAAAAAAAAAAAAAA' : this.purchase.order.id;
  }

  async #state(): Promise<string> {
    const drops = await this.#shop.admin({ path: '/admin/drops' });
    // The ids of all drops. A Worker's list lags behind edits, so this drop is read itself.
    const list = [...drops.text.matchAll(/"id":"(drp_[\w-]+)"/g)].map(([, id]) => id).join(' ');
    return `${await this.#shop.stateOf(this.drop.id)}\n${list}`;
  }
}
