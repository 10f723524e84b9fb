/** The prepared statements of single orders. */
import { eq, sql } from 'drizzle-orm';
import { orders } from '../../drizzle/schema.ts';
import { orderColumns, prepareOrderByKey } from '../database/order-columns.ts';
import type { SyncDatabase } from '../database/sync-database.ts';
import { type KeySteps, newKey } from './new-keys.ts';
import { bare, value } from './placeholder.ts';

export const prepareOrderStatements = (db: SyncDatabase, keys: KeySteps) => ({
  orderByKey: prepareOrderByKey(db),

  orderById: db
    .select({ ...orderColumns, customer: orders.customer, customerPhone: orders.customerPhone })
    .from(orders)
    .where(eq(orders.id, value('orderId')))
    .prepare(),

  insertOrder: db
    .insert(orders)
    .values({
      id: newKey(orders, keys),
      dropId: bare('dropId'),
      items: bare('items'),
      units: bare('units'),
      total: bare('total'),
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

  setTrackingCode: db
    .update(orders)
    .set({ trackingCode: sql`${value('trackingCode')}` })
    .where(eq(orders.id, value('orderId')))
    .prepare(),
});
