/** What a hold and a late payment share when they take units anew: the customer's limit, the free stock, its end. */
import type { ItemCounts } from '../domain/change.ts';
import type { Journal } from './journal.ts';
import { releaseDueOfItem } from './release.ts';
import type { Statements } from './statements.ts';

export const noHistory = { units: 0, lapsed: 0 };

/** The units that a customer has of a drop, and the orders of it that the customer let expire. */
export const historyOf = (
  of: { customer: string; dropId: number },
  statements: Statements,
  { now }: Journal,
): typeof noHistory => statements.historyOfCustomer.get({ ...of, now }) ?? noHistory;

interface Buyer {
  customerPhone: string | null;
  quantity: number;
  /** What the customer has of the drop. */
  units: number;
}

/** Whether the buyer would then have more of the drop than one customer may, counted by e-mail and by phone. */
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

/** Takes free units, to hold or to sell; holds that are over count as free, even where the sweep has not come by yet. */
export function takeUnits(
  take: 'holdUnits' | 'sellFreeUnits',
  units: { itemId: number; quantity: number },
  statements: Statements,
  journal: Journal,
): ItemCounts | undefined {
  const counts = statements[take].get(units);
  if (counts || releaseDueOfItem(units.itemId, statements, journal) === 0) return counts;
  return statements[take].get(units);
}

/** To be called once units were taken: puts into the log that nothing of the drop can be bought any more. */
export function logIfSoldOut(dropId: number, statements: Statements, journal: Journal): void {
  if (statements.availableOfDrop.get({ dropId })?.units !== 0) return;
  journal.log({ kind: 'sold_out', actor: 'customer', dropId });
}
