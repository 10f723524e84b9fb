/** Every route of operators, in the order of the published document. */
import { adminAuditOperations } from './admin-audit.ts';
import { adminBackupOperations } from './admin-backup.ts';
import { adminCustomerOperations } from './admin-customers.ts';
import { adminDropOperations } from './admin-drops.ts';
import { adminExportOperations } from './admin-export.ts';
import { adminOrderOperations } from './admin-orders.ts';
import { adminRefundOperations } from './admin-refunds.ts';
import { adminSubscriberOperations } from './admin-subscribers.ts';
import { exportOperations, importOperations } from './move-operations.ts';
import type { OperatorOperation } from './operation.ts';

export const allOperatorOperations = [
  ...adminDropOperations,
  ...adminAuditOperations,
  ...adminExportOperations,
  ...adminOrderOperations,
  ...adminSubscriberOperations,
  ...adminCustomerOperations,
  ...adminBackupOperations,
  ...exportOperations,
  ...importOperations,
  ...adminRefundOperations,
] as const;

export type OperationOf<Id extends string> = Extract<(typeof allOperatorOperations)[number], { id: Id }>;
export type OperatorOperationId = (typeof allOperatorOperations)[number]['id'];

export const operatorOperationById = Object.fromEntries<OperatorOperation>(
  allOperatorOperations.map((operation) => [operation.id, operation]),
) as Record<OperatorOperationId, OperatorOperation>;
