/** Every cold read of routes and background work, prepared once on one reader. */
import { createLogReads, type LogReads } from './log-reads.ts';
import { createMoneyReads, type MoneyReads } from './money-reads.ts';
import { createOperatorReads, type OperatorReads } from './operator-reads.ts';
import { createOrderReads, type OrderReads } from './order-reads.ts';
import type { SyncDatabase } from './sync-database.ts';

export interface Reads extends OrderReads, MoneyReads, OperatorReads, LogReads {}

export const createReads = (db: SyncDatabase): Reads => ({
  ...createOrderReads(db),
  ...createMoneyReads(db),
  ...createOperatorReads(db),
  ...createLogReads(db),
});
