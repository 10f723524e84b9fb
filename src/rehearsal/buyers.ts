/** Who the buyers of a rehearsal are and what each of them asks for, by his number. */
import { randomUUID } from 'node:crypto';
import type { PurchaseInvoked } from '../crowd/ledger.ts';
import { getText, postText, spread } from '../crowd/request-text.ts';
import type { Blueprint } from './blueprint.ts';

/** Nobody: the address is of a domain that can't be had. */
export const contactOf = (customer: number): { email: string } => ({
  email: `buyer-${customer}@rehearsal.example`,
});

/** Far from `spread` itself, so that who pays does not depend on what he buys. */
const payStride = 7_919;
export const isPayer = (customer: number, paidShare: number): boolean =>
  spread(customer * payStride) < paidShare;

export interface Counter {
  /** Of the server. */
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

  /** A customer who was not there before, for one unit; items are wanted as often as there are units of them. */
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

  look(): string {
    return getText(this.#counter.host, `/drops/${this.#counter.dropId}`);
  }

  /** The same text each time that it is asked for. */
  purchase({ key, dropId, sku, quantity, customer }: PurchaseInvoked): string {
    const body = JSON.stringify({ dropId, sku, quantity, customer: contactOf(customer) });
    return postText(this.#counter.host, '/purchase', `Idempotency-Key: ${key}\r\n`, body);
  }

  /** What the sandbox's own page sends. */
  payment(orderId: string): string {
    return postText(this.#counter.host, `/pay/${orderId}`, '', '{"outcome":"paid"}');
  }
}
