/** The columns of an order that its readers need, and its look-up by idempotency key. */
import { and, eq, or, sql } from 'drizzle-orm';
import { orders } from '../../drizzle/schema.ts';
import type { PlaceHold } from '../domain/command.ts';
import { storedKeyPrefix } from '../domain/stored-key.ts';
import type { ReadDatabase } from './read-database.ts';

const value = sql.placeholder;

export type KeyOfCustomer = Pick<PlaceHold, 'customer' | 'idempotencyKey' | 'plainKey'>;

export const orderColumns = {
  id: orders.id,
  dropId: orders.dropId,
  items: orders.items,
  units: orders.units,
  total: orders.total,
  status: orders.status,
  createdAt: orders.createdAt,
  holdExpiresAt: orders.holdExpiresAt,
  email: orders.email,
  name: orders.name,
  phone: orders.phone,
  address: orders.address,
  trackingCode: orders.trackingCode,
  releaseReason: orders.releaseReason,
  dispute: orders.dispute,
};

/** Whether a row of an earlier version holds a plain Idempotency-Key; false without a key. */
export const hasPlainKey = sql`${orders.idempotencyKey} not glob ${sql.raw(`'${storedKeyPrefix}*'`)}`;

// Looks up both forms of a key at once, each by a seek: rows of earlier versions hold the key
// itself. Written as `in`, it costs 2 us more.
const ofCustomer = eq(orders.customer, value('customer'));
const hasKey = or(
  and(ofCustomer, eq(orders.idempotencyKey, value('idempotencyKey'))),
  and(ofCustomer, eq(orders.idempotencyKey, value('plainKey'))),
);

/** The look-up of a replay: in the writer's transaction, or by a reader after a sell-out. */
export const prepareOrderByKey = (db: ReadDatabase) =>
  db
    .select({ ...orderColumns, fingerprint: orders.fingerprint })
    .from(orders)
    .where(hasKey)
    .prepare();
