/** GET /admin/drops/:id/orders.csv: a drop's orders with customers; logs the download. */
import type { AdminRoute } from './admin-routes.ts';
import type { Deps } from './deps.ts';
import { download } from './download.ts';
import { problem, refuse } from './problem.ts';

export function adminExportRoutes({ db }: Deps): AdminRoute[] {
  return [
    {
      method: 'GET',
      path: '/admin/drops/:id/orders.csv',
      scope: 'orders:read',
      async handle(c, { actor }) {
        const drop = db.snapshot.find(c.req.param('id') ?? '');
        if (!drop) return problem('not_found');
        const file = ['text/csv; charset=utf-8; header=present', `${drop.slug}-orders.csv`] as const;
        // Hono drops the body of a HEAD without cancelling it: an unread export would keep its
        // reader.
        if (c.req.method === 'HEAD') return download(null, ...file);
        const noted = await db.submit({
          kind: 'noteAction',
          actor,
          action: 'orders_exported',
          dropId: drop.id,
        });
        if (noted.kind !== 'done') return refuse(noted);
        const csv = db.exportOrders(drop.id);
        if (!csv) return refuse({ kind: 'overloaded', retryAfterSeconds: 5 });
        return download(csv, ...file);
      },
    },
  ];
}
