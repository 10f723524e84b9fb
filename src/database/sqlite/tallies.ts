/** Orders, refunds and disputes by status, and whether a deletion is unfinished. */
import { count, sql } from 'drizzle-orm';
import type * as schema from '../../../drizzle/schema.ts';
import { disputes, orders, refunds } from '../../../drizzle/schema.ts';
import type { ParallelReads } from '../../split/parallel-reads.ts';
import type { Tallies } from '../shop-database.ts';
import { unfinishedSince } from './purge-deleted.ts';

interface Count {
  status: string;
  count: number;
}

const byStatus = (counts: readonly Count[]): Record<string, number> =>
  Object.fromEntries(counts.map(({ status, count }) => [status, count]));

/** Reads every order, refund and dispute, all in one state of the file. */
export async function countByStatus(db: ParallelReads<typeof schema>): Promise<Tallies> {
  const [ofOrders, ofRefunds, ofDisputes, { userVersion }] = await db.batch([
    db.select({ status: orders.status, count: count() }).from(orders).groupBy(orders.status),
    db.select({ status: refunds.status, count: count() }).from(refunds).groupBy(refunds.status),
    db.select({ status: disputes.status, count: count() }).from(disputes).groupBy(disputes.status),
    db.get<{ userVersion: number }>(sql`select user_version as userVersion from pragma_user_version`),
  ]);
  return {
    orders: byStatus(ofOrders),
    refunds: byStatus(ofRefunds),
    disputes: byStatus(ofDisputes),
    deletionUnfinishedSince: unfinishedSince(userVersion),
  };
}
