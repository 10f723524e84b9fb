/**
 * Compares stored orders with the ledger: every promise is kept, nothing happened twice or without
 * a request.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Database } from 'better-sqlite3';
import { orderItemRows } from '../../drizzle/order-items.ts';
import type { Ids } from '../ids/ids.ts';
import type { Ledger, PurchaseInvoked, Result } from './ledger.ts';

/** An order in a database file, with the id that its buyer received. */
export interface JudgedOrder {
  id: number;
  publicId: string;
  dropId: number;
  sku: string;
  itemName: string;
  quantity: number;
  unitPrice: number;
  currency: string;
  status: string;
  customer: string;
  key: string | null;
  email: string | null;
  phone: string | null;
  createdAt: number;
  holdExpiresAt: number;
  payments: number;
}

/** Reads every order of a file. `ids` are those of the file's shard. */
export function readOrders(connection: Database, ids: Ids): JudgedOrder[] {
  return connection
    .prepare<[], Omit<JudgedOrder, 'publicId'>>(`
      select orders.id, orders.drop_id as dropId, sku, items.name as itemName, quantity, unit_price as unitPrice, currency, status, customer,
        idempotency_key as key, email, phone, orders.created_at as createdAt, hold_expires_at as holdExpiresAt,
        (select count(*) from payments where order_id = orders.id and payments.status = 'paid') as payments
      from orders join ${orderItemRows} as bought on bought.order_id = orders.id
        join items on items.id = bought.item_id join drops on drops.id = orders.drop_id`)
    .all()
    .map((row) => ({ ...row, publicId: ids.order({ dropId: row.dropId, orderId: row.id }) }));
}

/** What the comparison needs in addition to the ledger and the orders. */
export interface JudgeContext {
  /** Ids of any shard: those that depend on a shard come with the orders. */
  ids: Ids;
  /** Epoch milliseconds: decides which holds may have expired. */
  now: number;
  /** Returns the contact that a customer gave, by the customer's index. */
  contactOf: (customer: number) => { email: string; phone?: string };
}

/** The refusals that a run may meet; any other one is a bug. */
const refusals = new Set(['sold_out', 'limit_reached', 'overloaded', 'disk_full', 'stopping']);

/** Returns the order that the 201 body must have contained, according to the row. */
const orderAsPlaced = (row: JudgedOrder, ids: Ids) => ({
  id: row.publicId,
  number: String(ids.orderNumber(row.id)),
  dropId: ids.drop(row.dropId),
  items: [
    {
      sku: row.sku,
      name: row.itemName,
      quantity: row.quantity,
      unitPrice: row.unitPrice,
      total: row.unitPrice * row.quantity,
    },
  ],
  sku: row.sku,
  quantity: row.quantity,
  unitPrice: row.unitPrice,
  total: row.unitPrice * row.quantity,
  currency: row.currency,
  status: 'held',
  holdExpiresAt: new Date(row.holdExpiresAt).toISOString(),
  createdAt: new Date(row.createdAt).toISOString(),
});

function matchesRequest(
  row: JudgedOrder,
  invoked: PurchaseInvoked,
  { ids, contactOf }: JudgeContext,
): boolean {
  const { email, phone = null } = contactOf(invoked.customer);
  return isDeepStrictEqual(
    [row.customer, row.email, row.phone, ids.drop(row.dropId), row.sku, row.quantity],
    [ids.customer(email), email, phone, invoked.dropId, invoked.sku, invoked.quantity],
  );
}

function* judgePurchase(
  invoked: PurchaseInvoked,
  result: Result | null,
  rows: readonly JudgedOrder[],
  context: JudgeContext,
): Generator<string> {
  const { ids } = context;
  const name = `purchase ${invoked.key}`;
  const [row] = rows;
  if (rows.length > 1) yield `${name} is in the file ${rows.length} times`;
  if (result === null || result.kind === 'unknown') {
    yield `${name} has no definite answer: ${result?.reason ?? 'still open'}`;
    return;
  }
  if (result.kind === 'refused') {
    if (!refusals.has(result.code)) yield `${name} was refused as ${result.code}`;
    if (row) yield `${name} was refused as ${result.code}, but is order ${row.id}`;
    return;
  }
  if (!row) {
    yield `${name} was acknowledged as ${result.orderId} (order ${ids.parseOrder(result.orderId)?.orderId}), but is lost`;
    return;
  }
  const { order, token } = JSON.parse(result.body) as { order: unknown; token: unknown };
  if (!matchesRequest(row, invoked, context))
    yield `${name} became order ${row.id}, which differs from the request`;
  if (!isDeepStrictEqual(order, orderAsPlaced(row, ids)) || token !== ids.orderToken(result.orderId)) {
    yield `${name} was answered with an order that differs from order ${row.id} of the file`;
  }
}

/** The requests about an order after its purchase. */
interface FollowUps {
  cancel?: Result | null;
  pay?: Result | null;
}

function* judgeStatus(row: JudgedOrder, { cancel, pay }: FollowUps, now: number): Generator<string> {
  const name = `order ${row.id} (${row.key})`;
  for (const result of [cancel, pay]) {
    if (result?.kind === 'refused' && !refusals.has(result.code)) yield `${name} was refused ${result.code}`;
  }
  if (pay?.kind === 'ok' && row.payments === 0) yield `${name} was paid, but its payment is lost`;
  const paymentsMax = pay === undefined || pay?.kind === 'refused' ? 0 : 1;
  if (row.payments > paymentsMax)
    yield `${name} has ${row.payments} payments; at most ${paymentsMax} expected`;

  const possible = new Set<string>();
  if (row.payments > 0) {
    possible.add('paid');
    // A late payment for units that were sold out: the refund is pending or done.
    if (row.holdExpiresAt <= now) possible.add('refunding').add('refunded');
  } else {
    const mayBeCancelled = cancel !== undefined && cancel?.kind !== 'refused';
    if (cancel?.kind !== 'ok') possible.add('held');
    if (mayBeCancelled || row.holdExpiresAt <= now) possible.add('released');
  }
  if (!possible.has(row.status)) yield `${name} is ${row.status}, not ${[...possible].join(' or ')}`;
}

/**
 * Returns every difference between orders and ledger; empty if every promise is kept. Each call
 * must have its definite answer by now, except payments: the run can't retry them, because the
 * sandbox treats a retry as a new payment.
 */
export function judge(ledger: Ledger, orders: readonly JudgedOrder[], context: JudgeContext): string[] {
  const { ids, now } = context;
  // Rows contain hashes of the keys.
  const sent = new Map(ledger.calls().map(({ invoked: { key } }) => [ids.idempotencyKey(key), key]));
  const rows = orders.map((row) => ({ ...row, key: sent.get(row.key ?? '') ?? row.key }));
  const rowsByKey = Map.groupBy(rows, (row) => row.key);
  const findings: string[] = [];
  const acknowledged = new Set<string>();
  const followUps = new Map<string, FollowUps>();
  for (const { invoked, result } of ledger.calls()) {
    if (invoked.call !== 'purchase') {
      const { call, orderId } = invoked;
      followUps.set(orderId, { ...followUps.get(orderId), [call]: result });
      continue;
    }
    findings.push(...judgePurchase(invoked, result, rowsByKey.get(invoked.key) ?? [], context));
    rowsByKey.delete(invoked.key);
    if (result?.kind !== 'ok') continue;
    if (acknowledged.has(result.orderId)) findings.push(`${result.orderId} was acknowledged twice`);
    acknowledged.add(result.orderId);
  }
  for (const unrequested of rowsByKey.values()) {
    for (const { id, key } of unrequested) findings.push(`order ${id} (${key}) was never requested`);
  }
  for (const row of rows) {
    findings.push(...judgeStatus(row, followUps.get(row.publicId) ?? {}, now));
  }
  return findings;
}
