/** What an audit certifies of a drop: its units, its money, its log, and whatever is wrong with them. */
import type { DisputeStatus, OrderStatus, RefundStatus } from './order.ts';

/** How many there are, and their money in minor units of the drop's currency. */
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
  /** What is left of the payments after their refunds, also those still to be sent, and lost disputes. */
  kept: Tally;
  refunds: Record<RefundStatus, Tally>;
  /** The part of the refunds that was made in the provider's dashboard. */
  outside: Tally;
  disputes: Record<DisputeStatus, Tally>;
  firstSaleAt: number | null;
  lastSaleAt: number | null;
  /** The whole log, of all drops: its chain can't be cut into parts. */
  log: { events: number; headSeq: number; head: string };
  /** One sentence for each place where a promise is broken, anywhere in the file; no personal data. */
  violations: string[];
}
