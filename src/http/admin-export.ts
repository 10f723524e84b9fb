/** GET /admin/drops/:id/orders.csv: a drop's orders with customers; logs the download. */
import { isHead } from '../workarounds/unread-head.ts';
import { type OperatorRoute, operatorRoutes } from './admin-routes.ts';
import type { Deps } from './deps.ts';
import { download } from './download.ts';
import { operatorOperations } from './operation.ts';
import { problem, refuse } from './problem.ts';
import { requestedDrop } from './requested-drop.ts';

export const adminExportOperations = operatorOperations([
  {
    id: 'exportOrders',
    method: 'get',
    path: '/admin/drops/:id/orders.csv',
    summary: 'Export a drop’s orders with their customers as CSV',
    description: 'For spreadsheets and scripts. The event log records the download.',
    access: 'orders:read',
    object: 'each shard',
    answers: [{ status: 200, description: 'One line for each order, oldest first.', type: 'text/csv' }],
    refusals: ['not_found'],
    writes: true,
  },
]);

export function adminExportRoutes({ db }: Deps): OperatorRoute[] {
  return operatorRoutes(adminExportOperations, {
    async exportOrders({ c, actor }) {
      const drop = requestedDrop(db, c);
      if (!drop) return problem('not_found');
      const file = ['text/csv; charset=utf-8; header=present', `${drop.slug}-orders.csv`] as const;
      if (isHead(c)) return download(null, ...file);
      const noted = await db.submit({
        kind: 'logAction',
        actor,
        action: 'orders_exported',
        dropId: drop.id,
      });
      if (noted.kind !== 'done') return refuse(noted);
      const csv = db.exportOrders(drop.id);
      if (!csv) return refuse({ kind: 'overloaded', retryAfterSeconds: 5 });
      return download(csv, ...file);
    },
  });
}
