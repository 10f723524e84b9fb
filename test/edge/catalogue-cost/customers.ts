/**
 * Measures an operator's queries about one customer: milliseconds and object requests, with the
 * index and object by object.
 */
import { createIds } from '../../../src/ids/ids.ts';
import { exchange, readJson } from '../../support/client.ts';
import type { AdminDrop, Purchase } from '../../support/shapes.ts';
import { dropBody, isoFromNow, until } from '../../support/shop.ts';
import { straightHeader } from '../fault-switches.ts';
import type { EdgeShop } from '../worker-under-test.ts';

const DAY_MS = 24 * 3_600_000;
/** Customers, each with a cancelled order in each of these drops, which ended long ago. */
const CUSTOMERS = 3;
const DROPS_OF_CUSTOMER = 3;
const emailOf = (customer: number): string => `ada-${customer}@example.com`;

export class CustomerQuestions {
  readonly #shop: EdgeShop;

  constructor(shop: EdgeShop) {
    this.#shop = shop;
  }

  /** Sends a JSON request as the operator; with `shardId`, directly to that object. */
  async #ask<T>(
    path: string,
    init: { method?: string; json?: object; shardId?: number; token?: string } = {},
  ) {
    const { url, adminToken } = this.#shop.server;
    const { method = 'GET', json, shardId, token = adminToken } = init;
    const answer = await exchange(url, {
      method,
      path,
      token,
      headers: shardId === undefined ? {} : { [straightHeader]: String(shardId) },
      ...(json && { json }),
    });
    // An object without a drop answers 404.
    if (answer.status >= 400 && answer.status !== 404) throw new Error(answer.text);
    return readJson<T>(answer);
  }

  /** Creates the customers and their drops. */
  async prepare(): Promise<void> {
    for (let count = 0; count < DROPS_OF_CUSTOMER; count += 1) {
      const json = dropBody({ startsAt: isoFromNow(-100 * DAY_MS) });
      const { id } = await this.#ask<AdminDrop>('/admin/drops', { method: 'POST', json });
      for (let customer = 0; customer < CUSTOMERS; customer += 1) {
        const purchase = { dropId: id, quantity: 1, customer: { email: emailOf(customer) } };
        const bought = await this.#ask<Purchase>('/purchase', {
          method: 'POST',
          json: purchase,
        });
        const path = `/orders/${bought.order.id}/cancel`;
        await this.#ask(path, { method: 'POST', json: {}, token: bought.token });
      }
      const ended = { endsAt: isoFromNow(-90 * DAY_MS) };
      await this.#ask(`/admin/drops/${id}`, { method: 'PATCH', json: ended });
    }
    await until(
      () => this.#shop.catalogue('select * from customer_shards'),
      (rows) => rows.length === CUSTOMERS * DROPS_OF_CUSTOMER,
    );
  }

  /**
   * Returns the rows of a table: the fastest time of any customer, and the mean number of object
   * requests.
   */
  async measure(): Promise<string[]> {
    const { secretKey } = this.#shop.server;
    const { drops } = await this.#ask<{ drops: AdminDrop[] }>('/admin/drops');
    const shardIds = drops.map(({ id }) => createIds(secretKey).parseDrop(id) ?? 0);
    const list = (customer: number) => `/admin/orders?email=${emailOf(customer)}`;
    const erase = (customer: number, isDryRun = false) => ({
      method: 'POST',
      json: { email: emailOf(customer), dryRun: isDryRun },
    });
    const path = '/admin/customers/erase';
    return [
      await this.#row('list of orders, object by object', async (customer) => {
        for (const shardId of shardIds) await this.#ask(list(customer), { shardId });
      }),
      await this.#row('list of orders', (customer) => this.#ask(list(customer))),
      // The requests of a deletion, one at a time.
      await this.#row('deletion, dry run, object by object', async (customer) => {
        for (const shardId of shardIds) await this.#ask(path, { ...erase(customer, true), shardId });
      }),
      await this.#row('deletion, dry run', (customer) => this.#ask(path, erase(customer, true))),
      await this.#row('deletion', (customer) => this.#ask(path, erase(customer))),
      await this.#row('deletion, object by object', async (customer) => {
        for (const shardId of shardIds) await this.#ask(path, { ...erase(customer), shardId });
      }),
    ];
  }

  async #row(name: string, ask: (customer: number) => Promise<unknown>): Promise<string> {
    const before = (await this.#shop.fault()).objectRequests;
    const times: number[] = [];
    for (let customer = 0; customer < CUSTOMERS; customer += 1) {
      const beganMs = performance.now();
      await ask(customer);
      times.push(performance.now() - beganMs);
    }
    const requests = ((await this.#shop.fault()).objectRequests - before) / CUSTOMERS;
    return `| ${name} | ${Math.round(Math.min(...times))} | ${requests} |`;
  }
}
