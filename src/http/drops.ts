/** GET /drops and GET /drops/:id: the hot reads, served from prepared pages of the snapshot. */
import type { Context } from 'hono';
import * as v from 'valibot';
import * as answers from '../answers/schemas.ts';
import type { Page } from '../database/snapshot.ts';
import { type DropPhase, dropPhases } from '../domain/drop.ts';
import type { Deps } from './deps.ts';
import { countRequest } from './metrics.ts';
import { publicOperations, textHeader } from './operation.ts';
import { responseOf } from './plain-answer.ts';
import { invalid, problem, refuse } from './problem.ts';
import { publicRoutes } from './public-routes.ts';
import type { QuickRequest } from './quick-request.ts';

// Drafts are visible to operators only.
const phases = dropPhases.filter((phase) => phase !== 'draft');
const isPublicPhase = (phase: string): phase is DropPhase => phases.some((known) => known === phase);

function send(c: Context, page: Page): Response {
  const known = c.req.header('if-none-match');
  if (known !== undefined && matches(known, page.etag)) {
    return new Response(null, { status: 304, headers: { etag: page.etag, 'cache-control': 'no-cache' } });
  }
  return answerOf(page);
}

const answerOf = ({ body, headers }: Page): Response => responseOf({ status: 200, body, headers });

/** If-None-Match: a list of tags compared weakly, or `*` (RFC 9110, section 13.1.2). */
const matches = (header: string, etag: string): boolean =>
  header === etag ||
  header.trim() === '*' ||
  header.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);

const etag = {
  'If-None-Match': textHeader('ETag of an earlier answer. The server answers 304 if nothing has changed.'),
};
const notModified = { status: 304, description: 'Not modified: the ETag matches If-None-Match.' } as const;

export const dropOperations = publicOperations([
  {
    id: 'listDrops',
    method: 'get',
    path: '/drops',
    tag: 'Drops',
    summary: 'List published drops',
    description: 'On Workers, omits drops that ended more than 30 days ago; their own pages remain.',
    access: 'public',
    query: v.object({ phase: v.optional(v.picklist(phases)) }),
    headers: etag,
    answers: [{ status: 200, description: 'The drops.', schema: answers.dropList }, notModified],
    refusals: [],
  },
  {
    id: 'getDrop',
    method: 'get',
    path: '/drops/:id',
    tag: 'Drops',
    summary: 'Get a drop by id or slug',
    access: 'public',
    headers: etag,
    answers: [{ status: 200, description: 'The drop.', schema: answers.drop }, notModified],
    refusals: ['not_found', 'rate_limited'],
  },
]);

export function dropRoutes({ db, clock }: Deps) {
  return publicRoutes(dropOperations, {
    listDrops(c) {
      const phase = c.req.query('phase');
      if (phase === undefined) return send(c, db.snapshot.listPage('all', clock.now()));
      if (!isPublicPhase(phase)) return invalid('phase', `Must be one of ${phases.join(', ')}.`);
      return send(c, db.snapshot.listPage(phase, clock.now()));
    },
    getDrop(c) {
      const id = c.req.param('id') ?? '';
      const page = db.snapshot.dropPage(id, clock.now());
      if (page) return send(c, page);
      const isMoved = db.snapshot.find(id)?.movedAt;
      return isMoved ? refuse({ kind: 'drop_moved' }) : problem('not_found');
    },
  });
}

/**
 * Answers GET /drops and GET /drops/:id as the routes above and their middleware do, without Hono,
 * whose dispatch costs as much as such an answer. Null for every other request, also for one with a
 * query, for a revalidation, and for a drop without a page.
 */
export function createQuickPages({ db, clock }: Pick<Deps, 'db' | 'clock'>) {
  const pageAt = (path: string): Page | undefined => {
    if (path === '/drops') return db.snapshot.listPage('all', clock.now());
    return path.startsWith('/drops/')
      ? db.snapshot.dropPage(path.slice('/drops/'.length), clock.now())
      : undefined;
  };
  return ({ method, path, req }: QuickRequest): Response | null => {
    if (method !== 'GET') return null;
    const begunMs = clock.monotonicMs();
    const page = pageAt(path);
    if (!page || req.header('if-none-match') !== undefined) return null;
    const answer = answerOf(page);
    const route = path === '/drops' ? path : '/drops/:id';
    countRequest({ db, clock }, { method: 'GET', route, outcome: 'ok', begunMs });
    return answer;
  };
}
