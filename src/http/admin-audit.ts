/** GET /admin/drops/:id/audit: the certificate of a drop, recomputed from the rows and the log. */
import type { Certificate } from '../domain/certificate.ts';
import type { Ids } from '../ids.ts';
import type { AdminRoute } from './admin-routes.ts';
import type { Deps } from './deps.ts';
import { json } from './json.ts';
import { problem, refuse } from './problem.ts';

const isoOrNull = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

const certificateJson = ({ dropId, slug, title, ...rest }: Certificate, ids: Ids) => ({
  drop: { id: ids.drop(dropId), slug, title },
  isClean: rest.violations.length === 0,
  ...rest,
  issuedAt: isoOrNull(rest.issuedAt),
  firstSaleAt: isoOrNull(rest.firstSaleAt),
  lastSaleAt: isoOrNull(rest.lastSaleAt),
});

export function adminAuditRoutes({ store, ids }: Deps): AdminRoute[] {
  return [
    {
      method: 'GET',
      path: '/admin/drops/:id/audit',
      scope: 'audit:read',
      async handle(c) {
        const drop = store.snapshot.find(c.req.param('id') ?? '');
        if (!drop) return problem('not_found');
        const certificate = await store.certify(drop.id);
        if (!certificate) return refuse({ kind: 'overloaded', retryAfterSeconds: 5 });
        return json(certificateJson(certificate, ids));
      },
    },
  ];
}
