/** The idempotency keys of a shard's orders, as a filter that is published to Workers. */
import { firstRow, type RowSource } from '../../database/row-source.ts';
import type { PlaceHold } from '../../domain/command.ts';
import { PUBLISHED_KEYS_MAX } from '../../limits.ts';
import { KeyFilter } from '../key-filter.ts';

export class PublishedKeys {
  readonly #rows: RowSource;
  /** `room`: keys that may still be added. Null until it is needed. */
  #keys: { filter: KeyFilter; room: number } | null = null;

  constructor(rows: RowSource) {
    this.#rows = rows;
  }

  /** Null if there are too many orders to publish their keys. */
  filter(): KeyFilter | null {
    if (this.#keys) return this.#keys.filter;
    const counted = this.#rows.query<{ orders: number }>('select count(*) as orders from orders')();
    const orders = firstRow(counted)?.orders ?? 0;
    if (orders > PUBLISHED_KEYS_MAX) return null;
    const room = Math.ceil(orders / 2) + 100;
    const filter = KeyFilter.empty(orders + room);
    const placed = this.#rows.query<{ customer: string; key: string }>(
      'select customer, idempotency_key as key from orders where idempotency_key is not null',
    );
    for (const { customer, key } of placed()) filter.add(customer, key);
    this.#keys = { filter, room };
    return filter;
  }

  /** Adds the key of a hold that was placed. */
  add({ customer, idempotencyKey }: PlaceHold): void {
    if (!this.#keys || idempotencyKey === null) return;
    this.#keys.filter.add(customer, idempotencyKey);
    this.#keys.room -= 1;
    // A fuller filter has too many false positives, so rebuild it when it is next needed.
    if (this.#keys.room === 0) this.#keys = null;
  }
}
