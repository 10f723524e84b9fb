/** GET /admin/drops/:id/audit: the certificate of a drop, recomputed from the rows and the log. */
import * as v from 'valibot';
import type { Certificate } from '../domain/certificate.ts';
import type { Ids } from '../ids/ids.ts';
import { type OperatorRoute, operatorRoutes } from './admin-routes.ts';
import { certificate, certificateOfShards } from './certificate-answers.ts';
import type { Deps } from './deps.ts';
import { json } from './json.ts';
import { operatorOperations } from './operation.ts';
import { problem, refuse } from './problem.ts';
import { requestedDrop } from './requested-drop.ts';

const isoOrNull = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

const certificateJson = (
  { dropId, slug, title, ...rest }: Certificate,
  ids: Ids,
): v.InferOutput<typeof certificate> => ({
  drop: { id: ids.drop(dropId), slug, title },
  isClean: rest.violations.length === 0,
  ...rest,
  orders: { ...rest.orders },
  issuedAt: isoOrNull(rest.issuedAt),
  firstSaleAt: isoOrNull(rest.firstSaleAt),
  lastSaleAt: isoOrNull(rest.lastSaleAt),
});

export const adminAuditOperations = operatorOperations([
  {
    id: 'audit',
    method: 'get',
    path: '/admin/drops/:id/audit',
    summary: 'Get a drop’s certificate, recomputed from the rows and the event log',
    access: 'audit:read',
    object: 'each shard',
    page: { path: '/admin/ui/drops/:id/certificate' },
    answers: [
      {
        status: 200,
        description: 'The certificate.',
        schema: v.union([certificate, certificateOfShards]),
      },
    ],
    refusals: ['not_found', 'overloaded'],
  },
]);

export function adminAuditRoutes({ db, ids }: Deps): OperatorRoute[] {
  return operatorRoutes(adminAuditOperations, {
    async audit({ c }) {
      const drop = requestedDrop(db, c);
      if (!drop) return problem('not_found');
      const found = await db.certify(drop.id);
      if (!found) return refuse({ kind: 'overloaded', retryAfterSeconds: 5 });
      return json(certificateJson(found, ids));
    },
  });
}
