/** What a hold and a late payment share when they take units anew: the customer's limit, the free stock, its end. */
import type { ItemCounts } from '../../domain/change.ts';
import type { Journal } from './journal.ts';
import { releaseDueOfItem } from './release.ts';
import type { Statements } from './statements.ts';

interface Buyer {
  customer: string;
  customerPhone: string | null;
  quantity: number;
}

/** Whether the buyer would then have more of the drop than one customer may, counted by e-mail and by phone. */
export function reachesLimit(
  { customer, customerPhone, quantity }: Buyer,
  dropId: number,
  perCustomer: number,
  statements: Statements,
): boolean {
  if ((statements.unitsOfCustomer.get({ customer, dropId })?.units ?? 0) + quantity > perCustomer)
    return true;
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
