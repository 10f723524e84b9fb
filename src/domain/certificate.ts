/** The result of an audit of one drop: its units, its money, its log, and any violations. */
import type { DisputeStatus, OrderStatus, RefundStatus } from './order.ts';

/** A count, and its sum in minor units of the drop's currency. */
export interface Tally {
  count: number;
  amount: number;
}

export interface Certificate {
  dropId: number;
  slug: string;
  title: string;
  currency: string;
  /** Epoch milliseconds, like every time here. */
  issuedAt: number;
  items: { sku: string; price: number; stock: number; held: number; sold: number }[];
  orders: Partial<Record<OrderStatus, number>>;
  payments: Tally;
  /** What remains of the payments after refunds, including pending ones, and lost disputes. */
  kept: Tally;
  refunds: Record<RefundStatus, Tally>;
  /** The part of the refunds made in the provider's dashboard. */
  outside: Tally;
  disputes: Record<DisputeStatus, Tally>;
  firstSaleAt: number | null;
  lastSaleAt: number | null;
  /** The whole log, of all drops, because its chain can't be split. */
  log: { events: number; headSeq: number; head: string };
  /** One sentence for each violation anywhere in the file; no personal data. */
  violations: string[];
}
