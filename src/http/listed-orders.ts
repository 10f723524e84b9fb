/** Logs when an operator reads the data of many customers page by page, as exports are logged. */
import type { ShopDatabase } from '../database/shop-database.ts';
import { LISTED_ORDERS_MAX, LISTED_ORDERS_OPERATORS_MAX, LISTED_ORDERS_WINDOW_MS } from '../limits.ts';

interface Window {
  untilMs: number;
  orders: Set<number>;
  isNoted: boolean;
}

export class ListedOrders {
  readonly #db: Pick<ShopDatabase, 'submit'>;
  /** By operator and drop, oldest window first. */
  readonly #windows = new Map<string, Window>();

  constructor(db: Pick<ShopDatabase, 'submit'>) {
    this.#db = db;
  }

  /**
   * Call this before orders are shown; a null `dropId` stands for a list of all drops. Logs
   * `orders_listed` if an operator sees more than LISTED_ORDERS_MAX different orders within an
   * hour, once an hour. Resolves with the outcome.
   */
  async show(actor: string, dropId: number | null, orderIds: readonly number[], nowMs: number) {
    const window = this.#windowOf(`${dropId} ${actor}`, nowMs);
    for (const orderId of orderIds) if (!window.isNoted) window.orders.add(orderId);
    if (window.isNoted || window.orders.size <= LISTED_ORDERS_MAX) return { kind: 'done' } as const;
    const outcome = await this.#db.submit({ kind: 'logAction', actor, action: 'orders_listed', dropId });
    if (outcome.kind !== 'done') return outcome;
    window.isNoted = true;
    window.orders.clear();
    return outcome;
  }

  #windowOf(key: string, nowMs: number): Window {
    const known = this.#windows.get(key);
    if (known && nowMs < known.untilMs) return known;
    this.#windows.delete(key);
    const [oldest] = this.#windows.keys();
    if (oldest !== undefined && this.#windows.size >= LISTED_ORDERS_OPERATORS_MAX)
      this.#windows.delete(oldest);
    const window = { untilMs: nowMs + LISTED_ORDERS_WINDOW_MS, orders: new Set<number>(), isNoted: false };
    this.#windows.set(key, window);
    return window;
  }
}
