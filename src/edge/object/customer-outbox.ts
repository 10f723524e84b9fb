/** Reports to the catalogue's index which customers have orders here: at least once, in order. */
import { CustomerIndex } from '../customer-shards.ts';
import { keepReport, keptReport } from './kept-report.ts';

/** Orders per report. */
const PAGE_ORDERS = 1_000;

interface OrderRow {
  [column: string]: SqlStorageValue;
  id: number;
  customer: string;
}

export class CustomerOutbox {
  readonly #storage: DurableObjectStorage;
  readonly #shardId: number;
  /** Key of the last reported order; null before the first report. */
  #reportedId: number | null;

  constructor(storage: DurableObjectStorage, shardId: number) {
    this.#storage = storage;
    this.#shardId = shardId;
    this.#reportedId = keptReport(storage.kv);
  }

  get isBehind(): boolean {
    if (this.#reportedId === null) return true;
    const { last } = this.#storage.sql
      .exec<{ last: number }>('select coalesce(max(id), 0) as last from orders')
      .one();
    return this.#reportedId < last;
  }

  /** Rejects if the catalogue fails; earlier reports count. */
  async report(catalogue: D1Database): Promise<void> {
    const index = new CustomerIndex(catalogue);
    while (this.isBehind) {
      const after = this.#reportedId ?? 0;
      const orders = this.#storage.sql
        .exec<OrderRow>(
          'select id, customer from orders where id > ? order by id limit ?',
          after,
          PAGE_ORDERS,
        )
        .toArray();
      const last = orders.at(-1)?.id ?? after;
      await index.add(this.#shardId, [...new Set(orders.map(({ customer }) => customer))], last);
      keepReport(this.#storage.kv, last);
      this.#reportedId = last;
    }
  }
}
