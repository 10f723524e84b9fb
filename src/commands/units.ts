/** What a hold and a late payment share when taking units: the customer's limit and free stock. */

import { and, eq, inArray, sql } from 'drizzle-orm';
import { orders } from '../../drizzle/schema.ts';
import type { SyncDatabase } from '../database/sync-database.ts';
import type { ItemCounts } from '../domain/change.ts';
import { statusesWithUnits } from '../domain/order.ts';
import type { Journal } from './journal.ts';
import { value } from './placeholder.ts';
import { releaseDueOfItem } from './release.ts';
import type { Statements } from './statements.ts';

const hasUnits = inArray(orders.status, [...statusesWithUnits]);
/** Whether the customer let the hold expire, swept or not. */
const hasLapsed = sql`${orders.releaseReason} = 'expired' or (${orders.status} = 'held' and ${value('now')} >= ${orders.holdExpiresAt})`;
// The unary plus keeps SQLite from using the index by drop, which has every order of the crowd: a
// customer has few.
const ofDrop = sql`+${orders.dropId} = ${value('dropId')}`;

export const prepareLimitStatements = (db: SyncDatabase) => ({
  /** One walk over a customer's orders: about 0.7 us per order. */
  historyOfCustomer: db
    .select({
      units: sql<number>`coalesce(sum(${orders.quantity}) filter (where ${hasUnits}), 0)`,
      lapsed: sql<number>`count(*) filter (where ${hasLapsed})`,
    })
    .from(orders)
    .where(and(eq(orders.customer, value('customer')), ofDrop))
    .prepare(),

  unitsOfPhone: db
    .select({ units: sql<number>`coalesce(sum(${orders.quantity}), 0)` })
    .from(orders)
    .where(and(eq(orders.customerPhone, value('customerPhone')), ofDrop, hasUnits))
    .prepare(),
});

export const noHistory = { units: 0, lapsed: 0 };

/** The units that a customer has of a drop, and how many of its orders they let expire. */
export const historyOf = (
  of: { customer: string; dropId: number },
  statements: Statements,
  { now }: Journal,
): typeof noHistory => statements.historyOfCustomer.get({ ...of, now }) ?? noHistory;

interface Buyer {
  customerPhone: string | null;
  quantity: number;
  /** The units of the drop that the customer has. */
  units: number;
}

/** Whether a purchase would exceed the drop's limit per customer, by e-mail and by phone. */
export function reachesLimit(
  { customerPhone, quantity, units }: Buyer,
  dropId: number,
  perCustomer: number,
  statements: Statements,
): boolean {
  if (units + quantity > perCustomer) return true;
  if (customerPhone === null) return false;
  return (statements.unitsOfPhone.get({ customerPhone, dropId })?.units ?? 0) + quantity > perCustomer;
}

/** Takes free units, to hold or to sell; expired holds count as free, even before the sweep. */
export function claimUnits(
  statement: 'holdUnits' | 'sellFreeUnits',
  units: { itemId: number; quantity: number },
  statements: Statements,
  journal: Journal,
): ItemCounts | undefined {
  const counts = statements[statement].get(units);
  if (counts || releaseDueOfItem(units.itemId, statements, journal) === 0) return counts;
  return statements[statement].get(units);
}

/** Logs that a drop is sold out, if it is. Call this once units were taken. */
export function logIfSoldOut(dropId: number, statements: Statements, journal: Journal): void {
  if (statements.availableOfDrop.get({ dropId })?.units !== 0) return;
  journal.log({ kind: 'sold_out', actor: 'customer', dropId });
}
