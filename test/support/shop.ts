/** The steps of scenarios, all over HTTP: create a drop, buy, pay, cancel, read. */
import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { type Answer, type Call, canary, phoneCanary, readJson, send } from './client.ts';
import { patienceMs } from './patience.ts';
import type { ServerProcess } from './server-process.ts';
import type { AdminDrop, Drop, OrderAnswer, Purchase } from './shapes.ts';

type Changes = Record<string, unknown>;

/** A unique word, valid in a slug, a sku and the local part of an e-mail address. */
export const unique = (): string => randomBytes(6).toString('hex');

/** ISO 8601 of a moment `offsetMs` from now. */
export const isoFromNow = (offsetMs: number): string => new Date(Date.now() + offsetMs).toISOString();

export const sleep = (durationMs: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, durationMs));

/** A unique customer. */
export const customer = (changes: Changes = {}): Changes => ({
  email: `buyer-${unique()}@${canary}.example`,
  ...changes,
});

let phoneNumbers = 0;
/**
 * The next phone number of a test file, in E.164; like `canary`, its prefix must not appear in a
 * problem or a log.
 */
export function phoneNumber(): string {
  phoneNumbers += 1;
  return `${phoneCanary}${String(phoneNumbers % 1_000).padStart(3, '0')}`;
}

/**
 * A valid body of POST /admin/drops: live for a minute, one item `one` with five units, no limit
 * per customer.
 */
export const dropBody = (changes: Changes = {}): Changes => ({
  slug: `drop-${unique()}`,
  title: 'A contract drop',
  currency: 'EUR',
  startsAt: isoFromNow(-60_000),
  perCustomer: null,
  holdSeconds: 600,
  items: [{ sku: 'one', name: 'One size', price: 1250, stock: 5 }],
  publish: true,
  ...changes,
});

/** A valid POST /purchase for one unit of `dropId`; a change to undefined omits the key. */
export const purchaseCall = (dropId: string, changes: Changes = {}, key?: string): Call => ({
  method: 'POST',
  path: '/purchase',
  json: { dropId, quantity: 1, customer: customer(), ...changes },
  ...(key === undefined ? {} : { headers: { 'Idempotency-Key': key } }),
});

/** One server under test, with the actions of an operator and a buyer. */
export class Shop {
  #server: ServerProcess | undefined;
  readonly #tokens: string[] = [];

  open(server: ServerProcess): void {
    this.#server = server;
  }

  get server(): ServerProcess {
    if (this.#server === undefined) throw new Error('The server under test has not been started.');
    return this.#server;
  }

  /** Every order token issued so far; none of them may appear in a log. */
  get tokens(): readonly string[] {
    return this.#tokens;
  }

  send(call: Call): Promise<Answer> {
    return send(this.server.url, call);
  }

  /** Sends the call as the operator. */
  admin(call: Call): Promise<Answer> {
    return this.send({ token: this.server.adminToken, ...call });
  }

  async createDrop(changes: Changes = {}): Promise<AdminDrop> {
    const answer = await this.admin({ method: 'POST', path: '/admin/drops', json: dropBody(changes) });
    expect(answer.status, answer.text).toBe(201);
    return readJson<AdminDrop>(answer);
  }

  async patchDrop(id: string, changes: Changes): Promise<AdminDrop> {
    const answer = await this.admin({ method: 'PATCH', path: `/admin/drops/${id}`, json: changes });
    expect(answer.status, answer.text).toBe(200);
    return readJson<AdminDrop>(answer);
  }

  async drop(idOrSlug: string): Promise<Drop> {
    const answer = await this.send({ path: `/drops/${idOrSlug}` });
    expect(answer.status, answer.text).toBe(200);
    return readJson<Drop>(answer);
  }

  /** Buys one unit, or what `changes` say; fails the test unless the answer is 201. */
  async buy(dropId: string, changes: Changes = {}, key?: string): Promise<Purchase> {
    const answer = await this.send(purchaseCall(dropId, changes, key));
    expect(answer.status, answer.text).toBe(201);
    const purchase = readJson<Purchase>(answer);
    this.#tokens.push(purchase.token);
    return purchase;
  }

  async order(purchase: Purchase): Promise<OrderAnswer> {
    const answer = await this.send({ path: `/orders/${purchase.order.id}`, token: purchase.token });
    expect(answer.status, answer.text).toBe(200);
    return readJson<OrderAnswer>(answer);
  }

  cancel(purchase: Purchase): Promise<Answer> {
    return this.send({ method: 'POST', path: `/orders/${purchase.order.id}/cancel`, token: purchase.token });
  }

  /** Simulates the sandbox provider for a purchase, with JSON answers. */
  async pay(purchase: Purchase, outcome: 'paid' | 'declined' = 'paid'): Promise<Answer> {
    const answer = await this.send({ method: 'POST', path: payPath(purchase), json: { outcome } });
    expect(answer.status, answer.text).toBe(200);
    return answer;
  }

  /** Waits until the order has this status, for changes by the clock. */
  async orderBecomes(purchase: Purchase, status: string): Promise<OrderAnswer> {
    return until(
      () => this.order(purchase),
      ({ order }) => order.status === status,
    );
  }

  /** Waits until the public drop is in this phase. */
  async dropBecomes(idOrSlug: string, phase: string): Promise<Drop> {
    return until(
      () => this.drop(idOrSlug),
      (drop) => drop.phase === phase,
    );
  }

  /** Everything that the operator can see of a drop: its counts and settings, and its orders. */
  async stateOf(id: string): Promise<string> {
    const drop = await this.admin({ path: `/admin/drops/${id}` });
    const orders = await this.admin({ path: `/admin/orders?dropId=${id}` });
    expect([drop.status, orders.status], `${drop.text} ${orders.text}`).toEqual([200, 200]);
    return `${drop.text}\n${orders.text}`;
  }
}

/** The path of a purchase's payment page: `/pay/<ref>`. */
export const payPath = (purchase: Purchase): string => new URL(purchase.payment.url).pathname;

/** Polls until `fits` accepts what `look` returns; fails the test where it never does. */
export async function until<T>(look: () => Promise<T>, fits: (seen: T) => boolean): Promise<T> {
  const deadline = Date.now() + patienceMs;
  let seen = await look();
  while (!fits(seen) && Date.now() < deadline) {
    await sleep(25);
    seen = await look();
  }
  expect(fits(seen), JSON.stringify(seen)).toBe(true);
  return seen;
}
