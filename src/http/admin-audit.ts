/** GET /admin/drops/:id/audit: the certificate of a drop, recomputed from the rows and the log. */
import type { InferOutput } from 'valibot';
import type { Certificate } from '../domain/certificate.ts';
import type { Ids } from '../ids/ids.ts';
import type { AdminRoute } from './admin-routes.ts';
import type { certificate } from './certificate-answers.ts';
import type { Deps } from './deps.ts';
import { json } from './json.ts';
import { problem, refuse } from './problem.ts';

const isoOrNull = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

const certificateJson = (
  { dropId, slug, title, ...rest }: Certificate,
  ids: Ids,
): InferOutput<typeof certificate> => ({
  drop: { id: ids.drop(dropId), slug, title },
  isClean: rest.violations.length === 0,
  ...rest,
  orders: { ...rest.orders },
  issuedAt: isoOrNull(rest.issuedAt),
  firstSaleAt: isoOrNull(rest.firstSaleAt),
  lastSaleAt: isoOrNull(rest.lastSaleAt),
});

export function adminAuditRoutes({ db, ids }: Deps): AdminRoute[] {
  return [
    {
      method: 'GET',
      path: '/admin/drops/:id/audit',
      scope: 'audit:read',
      async handle(c) {
        const drop = db.snapshot.find(c.req.param('id') ?? '');
        if (!drop) return problem('not_found');
        const found = await db.certify(drop.id);
        if (!found) return refuse({ kind: 'overloaded', retryAfterSeconds: 5 });
        return json(certificateJson(found, ids));
      },
    },
  ];
}
