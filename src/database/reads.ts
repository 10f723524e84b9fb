/** Every cold read of routes and background work, on one connection, prepared once wherever they have one form. */
import { createDeploymentReads, type DeploymentReads } from './deployment.ts';
import { createLogReads, type LogReads } from './log-reads.ts';
import { createMoneyReads, type MoneyReads } from './money-reads.ts';
import { createOperatorReads, type OperatorReads } from './operator-reads.ts';
import { createOrderListReads, type OrderListReads } from './order-list.ts';
import { createOrderReads, type OrderReads } from './order-reads.ts';
import type { SyncDatabase } from './sync-database.ts';

export interface Reads
  extends OrderReads,
    OrderListReads,
    MoneyReads,
    OperatorReads,
    LogReads,
    DeploymentReads {}

export const createReads = (db: SyncDatabase): Reads => ({
  ...createOrderReads(db),
  ...createOrderListReads(db),
  ...createMoneyReads(db),
  ...createOperatorReads(db),
  ...createLogReads(db),
  ...createDeploymentReads(db),
});
