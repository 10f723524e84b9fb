/** GET /admin/drops/:id/orders.csv: every order of a drop with its customer, as a download that is noted in the log. */
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
        // Hono throws the body of a HEAD away without a word: a read that nobody takes would keep its place.
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
