/** The prepared statements of stock, orders, money and log, made once per connection. */
import { and, asc, eq, inArray, isNotNull, lte, sql } from 'drizzle-orm';
import { drops, items, orders } from '../../drizzle/schema.ts';
import { orderColumns, prepareOrderByKey } from '../database/order-columns.ts';
import type { SyncDatabase } from '../database/sync-database.ts';
import { statusesWithUnits } from '../domain/order.ts';
import { bare, prepareLogStatements } from './log-statements.ts';
import { prepareMoneyStatements } from './money-statements.ts';
import { prepareMovementStatements } from './movement-statements.ts';
import { everyKey, type KeySteps, newKey } from './new-keys.ts';
import { prepareOperatorKeyStatements } from './operator-keys.ts';
import { prepareRefundStatements } from './refund-statements.ts';

const value = sql.placeholder;

const heldOrder = {
  id: orders.id,
  dropId: orders.dropId,
  itemId: orders.itemId,
  quantity: orders.quantity,
  status: orders.status,
};
const itemCounts = { id: items.id, stock: items.stock, held: items.held, sold: items.sold };
// A literal status, not a parameter: otherwise SQLite may not use the partial index.
const isDue = and(sql`${orders.status} = 'held'`, lte(orders.holdExpiresAt, value('now')));
const ofCustomer = eq(orders.customer, value('customer'));
const hasUnits = inArray(orders.status, [...statusesWithUnits]);
/** Whether the customer let the hold expire, swept or not. */
const hasLapsed = sql`${orders.releaseReason} = 'expired' or (${orders.status} = 'held' and ${value('now')} >= ${orders.holdExpiresAt})`;
// The unary plus keeps SQLite from using the index by drop, which has every order of the crowd: a
// customer has few.
const ofDrop = sql`+${orders.dropId} = ${value('dropId')}`;
// The oversell guard: a single UPDATE checks for free units and takes them.
const unitsAreFree = sql`${items.held} + ${items.sold} + ${value('quantity')} <= ${items.stock}`;

/** Prepares the statements of `apply` on one connection. */
export function prepareStatements(db: SyncDatabase, keys: KeySteps = everyKey) {
  return {
    itemOnSale: db
      .select({ dropId: items.dropId, price: items.price })
      .from(items)
      .where(eq(items.id, value('itemId')))
      .prepare(),

    dropOnSale: db
      .select({
        perCustomer: drops.perCustomer,
        startsAt: drops.startsAt,
        endsAt: drops.endsAt,
        holdSeconds: drops.holdSeconds,
        published: drops.published,
        paused: drops.paused,
        currency: drops.currency,
      })
      .from(drops)
      .where(eq(drops.id, value('dropId')))
      .prepare(),

    orderByKey: prepareOrderByKey(db),

    /** One walk over a customer's orders: about 0.7 us per order. */
    historyOfCustomer: db
      .select({
        units: sql<number>`coalesce(sum(${orders.quantity}) filter (where ${hasUnits}), 0)`,
        lapsed: sql<number>`count(*) filter (where ${hasLapsed})`,
      })
      .from(orders)
      .where(and(ofCustomer, ofDrop))
      .prepare(),

    unitsOfPhone: db
      .select({ units: sql<number>`coalesce(sum(${orders.quantity}), 0)` })
      .from(orders)
      .where(and(eq(orders.customerPhone, value('customerPhone')), ofDrop, hasUnits))
      .prepare(),

    holdUnits: db
      .update(items)
      .set({ held: sql`${items.held} + ${value('quantity')}` })
      .where(and(eq(items.id, value('itemId')), unitsAreFree))
      .returning(itemCounts)
      .prepare(),

    sellFreeUnits: db
      .update(items)
      .set({ sold: sql`${items.sold} + ${value('quantity')}` })
      .where(and(eq(items.id, value('itemId')), unitsAreFree))
      .returning(itemCounts)
      .prepare(),

    sellHeldUnits: db
      .update(items)
      .set({
        held: sql`${items.held} - ${value('quantity')}`,
        sold: sql`${items.sold} + ${value('quantity')}`,
      })
      .where(eq(items.id, value('itemId')))
      .returning(itemCounts)
      .prepare(),

    freeHeldUnits: db
      .update(items)
      .set({ held: sql`${items.held} - ${value('quantity')}` })
      .where(eq(items.id, value('itemId')))
      .returning(itemCounts)
      .prepare(),

    insertOrder: db
      .insert(orders)
      .values({
        id: newKey(orders, keys),
        dropId: bare('dropId'),
        itemId: bare('itemId'),
        quantity: bare('quantity'),
        unitPrice: bare('unitPrice'),
        status: 'held',
        customer: bare('customer'),
        customerPhone: bare('customerPhone'),
        idempotencyKey: bare('idempotencyKey'),
        fingerprint: bare('fingerprint'),
        email: bare('email'),
        name: bare('name'),
        phone: bare('phone'),
        address: bare('address'),
        createdAt: bare('createdAt'),
        holdExpiresAt: bare('holdExpiresAt'),
      })
      .returning({ id: orders.id })
      .prepare(),

    // A look-up of its own, not a join: SQLite plans a join with bound values again at every call,
    // which takes longer than two look-ups.
    movedDrop: db
      .select({ id: drops.id })
      .from(drops)
      .where(and(eq(drops.id, value('dropId')), isNotNull(drops.movedAt)))
      .prepare(),

    orderById: db
      .select({ ...orderColumns, customer: orders.customer, customerPhone: orders.customerPhone })
      .from(orders)
      .where(eq(orders.id, value('orderId')))
      .prepare(),

    dueOrders: db
      .select(heldOrder)
      .from(orders)
      .where(isDue)
      .orderBy(asc(orders.holdExpiresAt))
      .limit(value('limit'))
      .prepare(),

    // Without LIMIT, for a look at the first one: a bound LIMIT makes SQLite plan the statement
    // again at every call, which takes ten times as long, and the refusals of a whole crowd wait
    // for it.
    dueOrderOfItem: db
      .select({ id: orders.id })
      .from(orders)
      .where(and(isDue, eq(orders.itemId, value('itemId'))))
      .prepare(),

    dueOrdersOfItem: db
      .select(heldOrder)
      .from(orders)
      .where(and(isDue, eq(orders.itemId, value('itemId'))))
      .orderBy(asc(orders.holdExpiresAt))
      .limit(value('limit'))
      .prepare(),

    releaseOrder: db
      .update(orders)
      .set({ status: 'released', releaseReason: sql`${value('reason')}` })
      .where(eq(orders.id, value('orderId')))
      .prepare(),

    setOrderStatus: db
      .update(orders)
      .set({ status: sql`${value('status')}`, releaseReason: null })
      .where(eq(orders.id, value('orderId')))
      .prepare(),

    /** Units that can be bought now, of all items of a drop. */
    availableOfDrop: db
      .select({ units: sql<number>`sum(${items.stock} - ${items.held} - ${items.sold})` })
      .from(items)
      .where(eq(items.dropId, value('dropId')))
      .prepare(),

    /** Takes a refunded order's units out of the sold ones, and `withdrawn` out of the stock. */
    returnUnits: db
      .update(items)
      .set({
        sold: sql`${items.sold} - ${value('quantity')}`,
        stock: sql`${items.stock} - ${value('withdrawn')}`,
      })
      .where(eq(items.id, value('itemId')))
      .returning(itemCounts)
      .prepare(),

    setTrackingCode: db
      .update(orders)
      .set({ trackingCode: sql`${value('trackingCode')}` })
      .where(eq(orders.id, value('orderId')))
      .prepare(),

    ...prepareMoneyStatements(db),
    ...prepareMovementStatements(db),
    ...prepareRefundStatements(db, keys),
    ...prepareLogStatements(db),
    ...prepareOperatorKeyStatements(db),
  };
}

export type Statements = ReturnType<typeof prepareStatements>;
