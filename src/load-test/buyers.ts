/** The buyers of a load test and their requests, by the buyer's number. */
import { randomUUID } from 'node:crypto';
import type { PurchaseInvoked } from '../crowd/ledger.ts';
import { getText, postText, spread } from '../crowd/request-text.ts';
import type { Blueprint } from './blueprint.ts';

/**
 * Returns an invented contact: the address is in a reserved domain, so no mail reaches a person.
 */
export const contactOf = (customer: number): { email: string } => ({
  email: `buyer-${customer}@load-test.example`,
});

/** Makes a buyer's decision to pay independent of the item that `spread` chooses for them. */
const payStride = 7_919;
export const isPayer = (customer: number, paidShare: number): boolean =>
  spread(customer * payStride) < paidShare;

export interface Counter {
  /** The server's host. */
  host: string;
  /** Public id. */
  dropId: string;
  items: Blueprint['items'];
}

export class Buyers {
  readonly #counter: Counter;
  readonly #units: number;
  #last = 0;

  constructor(counter: Counter) {
    this.#counter = counter;
    this.#units = counter.items.reduce((sum, { stock }) => sum + stock, 0);
  }

  /**
   * Returns a purchase of one unit by a new customer; items are chosen in proportion to their
   * stock.
   */
  next(): PurchaseInvoked {
    const customer = ++this.#last;
    let place = spread(customer) * this.#units;
    const item = this.#counter.items.find(({ stock }) => {
      place -= stock;
      return place < 0;
    });
    const { dropId } = this.#counter;
    return { call: 'purchase', key: randomUUID(), dropId, sku: item?.sku ?? '', quantity: 1, customer };
  }

  read(): string {
    return getText(this.#counter.host, `/drops/${this.#counter.dropId}`);
  }

  /** Returns the request of a purchase: the same text on each call, so that it can be retried. */
  purchase({ key, dropId, sku, quantity, customer }: PurchaseInvoked): string {
    const body = JSON.stringify({ dropId, sku, quantity, customer: contactOf(customer) });
    return postText(this.#counter.host, '/purchase', `Idempotency-Key: ${key}\r\n`, body);
  }

  /** Returns the request that the sandbox's page sends. */
  payment(orderId: string): string {
    return postText(this.#counter.host, `/pay/${orderId}`, '', '{"outcome":"paid"}');
  }
}
