/** Deletes a customer's personal data and ends their holds; orders stay for limits and books. */
import { and, eq, inArray, isNotNull, or, type SQL } from 'drizzle-orm';
import { deferredDeliveries } from '../../drizzle/log.ts';
import { orders, payments, refunds } from '../../drizzle/schema.ts';
import { hasPlainKey } from '../database/order-columns.ts';
import type { SyncDatabase } from '../database/sync-database.ts';
import type { EraseCustomer } from '../domain/command.ts';
import { unitsOfOrder } from '../domain/event.ts';
import { isOwed } from '../domain/order.ts';
import type { OutcomeByCommand } from '../domain/outcome.ts';
import type { Journal } from './journal.ts';
import { release } from './release.ts';
import type { Statements } from './statements.ts';

const hasPersonalData = or(
  isNotNull(orders.email),
  isNotNull(orders.name),
  isNotNull(orders.phone),
  isNotNull(orders.address),
  isNotNull(orders.trackingCode),
  // A client may have derived the key from an address.
  hasPlainKey,
);

/** The indexes of orders that are not the customer's. */
function positionsOfUnknown(openOrders: readonly number[], ofCustomer: SQL, db: SyncDatabase): number[] {
  if (openOrders.length === 0) return [];
  const theirs = new Set(
    db
      .select({ id: orders.id })
      .from(orders)
      .where(ofCustomer)
      .all()
      .map(({ id }) => id),
  );
  return [...openOrders.keys()].filter((index) => !theirs.has(openOrders[index] ?? 0));
}

/** A second payment must be refunded, whatever the status of the order. */
function ordersOwedMoney(ofCustomer: SQL, db: SyncDatabase): ReadonlySet<number> {
  const owedRefunds = db
    .select({ orderId: orders.id })
    .from(orders)
    .innerJoin(payments, eq(payments.orderId, orders.id))
    .innerJoin(refunds, eq(refunds.paymentId, payments.id))
    .where(and(ofCustomer, inArray(refunds.status, ['pending', 'failed'])))
    .all();
  return new Set(owedRefunds.map(({ orderId }) => orderId));
}

function deletePersonalData(
  customer: string,
  plainKeys: NonNullable<EraseCustomer['plainKeys']>,
  db: SyncDatabase,
  statements: Statements,
): void {
  const ofCustomer = eq(orders.customer, customer);
  db.update(orders)
    .set({ email: null, name: null, phone: null, address: null, trackingCode: null })
    .where(and(ofCustomer, hasPersonalData))
    .run();
  const theirOrders = db.select({ id: orders.id }).from(orders).where(ofCustomer);
  db.delete(deferredDeliveries).where(inArray(deferredDeliveries.orderId, theirOrders)).run();
  for (const { plain, hashed } of plainKeys) {
    // If an earlier version ran after this one, the same key may have placed a second order:
    // retries get the first one.
    const isTaken =
      statements.orderByKey.get({ customer, idempotencyKey: hashed, plainKey: null }) !== undefined;
    db.update(orders)
      .set({ idempotencyKey: isTaken ? null : hashed })
      .where(and(ofCustomer, eq(orders.idempotencyKey, plain)))
      .run();
  }
  // An operator's note on a refund made by hand may name the customer.
  const theirPayments = db
    .select({ id: payments.id })
    .from(payments)
    .innerJoin(orders, eq(orders.id, payments.orderId))
    .where(ofCustomer);
  db.update(refunds)
    .set({ note: null })
    .where(and(inArray(refunds.paymentId, theirPayments), isNotNull(refunds.note)))
    .run();
}

/**
 * Changes nothing if an order that is not in `openOrders` still owes the customer goods or money: a
 * deleted name and address cannot be restored, and an order may be paid after the operator has seen
 * the list. Another customer's order in `openOrders` is a mistake, and changes nothing either. The
 * keyed hashes of the address and of Idempotency-Keys stay, so that retries are still recognised.
 */
export function eraseCustomer(
  { customer, actor, openOrders, isDryRun, plainKeys = [] }: EraseCustomer,
  db: SyncDatabase,
  statements: Statements,
  journal: Journal,
): OutcomeByCommand['eraseCustomer'] {
  const ofCustomer = eq(orders.customer, customer);
  const known = db
    .select({
      id: orders.id,
      dropId: orders.dropId,
      items: orders.items,
      units: orders.units,
      status: orders.status,
    })
    .from(orders)
    .where(and(ofCustomer, or(hasPersonalData, eq(orders.status, 'held'))))
    .orderBy(orders.id)
    .all();
  const positions = positionsOfUnknown(openOrders, ofCustomer, db);
  if (positions.length > 0) return { kind: 'unknown_orders', positions };
  const owed = ordersOwedMoney(ofCustomer, db);
  const open = known.filter(({ id, status }) => isOwed(status) || owed.has(id));
  const named = new Set(openOrders);
  if (open.some(({ id }) => !named.has(id))) return { kind: 'open_orders', orders: open };
  if (isDryRun) return { kind: 'erasable', orders: known.length };
  for (const order of known) {
    if (order.status === 'held') release(order, actor, { reason: 'erased' }, statements, journal);
  }
  deletePersonalData(customer, plainKeys, db, statements);
  for (const order of known) {
    journal.log({ kind: 'customer_erased', actor, dropId: order.dropId, ...unitsOfOrder(order) });
  }
  return { kind: 'customer_erased', orders: known.length };
}
