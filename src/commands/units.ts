/** What a hold and a late payment share when taking units: the customer's limit and free stock. */

import { and, eq, inArray, sql } from 'drizzle-orm';
import { orders } from '../../drizzle/schema.ts';
import type { SyncDatabase } from '../database/sync-database.ts';
import type { WantedItem } from '../domain/command.ts';
import { availableUnits } from '../domain/drop.ts';
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
      units: sql<number>`coalesce(sum(${orders.units}) filter (where ${hasUnits}), 0)`,
      lapsed: sql<number>`count(*) filter (where ${hasLapsed})`,
    })
    .from(orders)
    .where(and(eq(orders.customer, value('customer')), ofDrop))
    .prepare(),

  unitsOfPhone: db
    .select({ units: sql<number>`coalesce(sum(${orders.units}), 0)` })
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
  items: readonly WantedItem[];
  /** The units of the drop that the customer has. */
  units: number;
}

/**
 * The first item with which a purchase would exceed the drop's limit per customer, by e-mail and by
 * phone; null if it stays within the limit.
 */
export function itemBeyondLimit(
  { customerPhone, items, units }: Buyer,
  dropId: number,
  perCustomer: number,
  statements: Statements,
): number | null {
  const ofPhone =
    customerPhone === null ? 0 : (statements.unitsOfPhone.get({ customerPhone, dropId })?.units ?? 0);
  let sum = Math.max(units, ofPhone);
  for (const { itemId, quantity } of items) {
    sum += quantity;
    if (sum > perCustomer) return itemId;
  }
  return null;
}

/** How units are taken, and how taken units are given back. */
const claims = {
  hold: { take: 'holdUnits', giveBack: 'freeHeldUnits' },
  sell: { take: 'sellFreeUnits', giveBack: 'returnUnits' },
} as const;

/** `empties`: an item has no free units left. `itemId`: too few of its units are free. */
type Claim = { kind: 'claimed'; empties: boolean } | { kind: 'sold_out'; itemId: number };

/**
 * Takes free units of every item, or of none. Expired holds count as free, even before the sweep.
 */
export function claimUnits(
  kind: keyof typeof claims,
  dropId: number,
  items: readonly WantedItem[],
  statements: Statements,
  journal: Journal,
): Claim {
  const { take, giveBack } = claims[kind];
  let empties = false;
  for (const [index, { itemId, quantity }] of items.entries()) {
    const units = { itemId, quantity };
    let counts = statements[take].get(units);
    if (!counts && releaseDueOfItem(itemId, statements, journal) > 0) counts = statements[take].get(units);
    if (!counts) {
      for (const taken of items.slice(0, index))
        journal.touchStock(dropId, statements[giveBack].get({ ...taken, withdrawn: 0 }));
      return { kind: 'sold_out', itemId };
    }
    journal.touchStock(dropId, counts);
    empties ||= availableUnits(counts) === 0;
  }
  return { kind: 'claimed', empties };
}

/** Logs that a drop is sold out, if it is. Call this once units were taken. */
export function logIfSoldOut(dropId: number, statements: Statements, journal: Journal): void {
  if (statements.availableOfDrop.get({ dropId })?.units !== 0) return;
  journal.log({ kind: 'sold_out', actor: 'customer', dropId });
}
