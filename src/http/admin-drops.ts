/** /admin/drops: create, list, edit, publish, pause, close and restock drops. */
import type { Context } from 'hono';
import { adminDropJson } from '../answers/representation.ts';
import * as answers from '../answers/schemas.ts';
import type { CreateDrop, DropEdit, EditDrop, Restock } from '../domain/command.ts';
import type { Drop } from '../domain/drop.ts';
import { isOtherOwnUrl, ownImageUrlRule } from '../domain/image-url.ts';
import type { Outcome } from '../domain/outcome.ts';
import { hintsWithin, type Location } from '../domain/shard.ts';
import { type OperatorRoute, operatorRoutes } from './admin-routes.ts';
import type { Deps } from './deps.ts';
import { dropEditBody, newDropBody, restockBody } from './drop-bodies.ts';
import { json } from './json.ts';
import { keyHeader, operatorOperations } from './operation.ts';
import { replayedHeaders } from './operator-key.ts';
import { invalid, problem, refuse } from './problem.ts';
import { refuseEdit, refuseNewDrop } from './publishing.ts';
import { requestedDrop } from './requested-drop.ts';

export const adminDropOperations = operatorOperations([
  {
    id: 'adminListDrops',
    method: 'get',
    path: '/admin/drops',
    summary: 'List all drops, including drafts',
    access: 'drops:read',
    page: { path: '/admin' },
    answers: [{ status: 200, description: 'The drops.', schema: answers.adminDropList }],
    refusals: [],
  },
  {
    id: 'createDrop',
    method: 'post',
    path: '/admin/drops',
    summary: 'Create a drop',
    description:
      'If the answer is lost or is 503, repeat the same body with the same Idempotency-Key: the answer is 201 with the current drop. Without a key, the slug of a complete drop is refused as `slug_taken`. On Workers, the same request completes an unfinished drop, with or without a key; until then, the drop is not listed.',
    access: 'drops:write',
    headers: keyHeader,
    body: {
      schema: newDropBody,
      example: {
        slug: 'summer-sneaker',
        title: 'Summer Sneaker',
        currency: 'EUR',
        perCustomer: 2,
        startsAt: '2027-06-01T18:00:00Z',
        items: [{ sku: 'eu-42', name: 'EU 42', price: 12000, stock: 100 }],
        publish: true,
      },
    },
    answers: [{ status: 201, description: 'The new drop.', schema: answers.adminDrop }],
    refusals: ['slug_taken'],
    writes: true,
  },
  {
    id: 'adminGetDrop',
    method: 'get',
    path: '/admin/drops/:id',
    summary: 'Get a drop, including drafts',
    access: 'drops:read',
    object: 'first shard',
    page: { path: '/admin/ui/drops/:id' },
    answers: [{ status: 200, description: 'The drop.', schema: answers.adminDrop }],
    refusals: ['not_found'],
  },
  {
    id: 'editDrop',
    method: 'patch',
    path: '/admin/drops/:id',
    summary: 'Edit a drop: publish, pause, change times, add items',
    description: 'Fields that are not sent stay unchanged. Stock can’t fall below the units held or sold.',
    access: 'drops:write',
    object: 'each shard',
    headers: keyHeader,
    body: { schema: dropEditBody, example: { paused: true } },
    answers: [{ status: 200, description: 'The updated drop.', schema: answers.adminDrop }],
    refusals: ['not_found', 'stock_below_sold'],
    writes: true,
  },
  {
    id: 'closeDrop',
    method: 'post',
    path: '/admin/drops/:id/close',
    summary: 'End a drop now',
    access: 'drops:write',
    object: 'each shard',
    headers: keyHeader,
    answers: [{ status: 200, description: 'The drop, ended.', schema: answers.adminDrop }],
    refusals: ['not_found'],
    writes: true,
  },
  {
    id: 'restock',
    method: 'post',
    path: '/admin/drops/:id/restock',
    summary: 'Add units to an item, or remove available ones',
    access: 'drops:write',
    object: 'first shard',
    headers: keyHeader,
    body: { schema: restockBody, example: { sku: 'eu-42', quantity: 50 } },
    answers: [{ status: 200, description: 'The updated drop.', schema: answers.adminDrop }],
    refusals: ['not_found', 'stock_below_sold'],
    writes: true,
  },
]);

/** Refuses a location that this server does not support. */
function refuseLocation({ locations }: Deps, { jurisdiction, hint }: Location): Response | null {
  if (!locations) {
    const elsewhere = 'Must be null: only drops on Cloudflare Workers have a location.';
    if (jurisdiction) return invalid('jurisdiction', elsewhere);
    return hint ? invalid('locationHint', elsewhere) : null;
  }
  if (!jurisdiction) return null;
  if (!locations.jurisdictions.includes(jurisdiction)) {
    return invalid('jurisdiction', 'Must be null: workerd on a developer’s machine has no jurisdictions.');
  }
  const within = hintsWithin[jurisdiction];
  if (hint === null || within.includes(hint)) return null;
  return invalid('locationHint', `Must be one of ${within.join(', ')} in the jurisdiction ${jurisdiction}.`);
}

/**
 * The body that an Idempotency-Key belongs to. Its fingerprint is stored, so the names in it never
 * change: a retry after an update must find its creation.
 */
const fingerprinted = (body: object): object =>
  Object.fromEntries(
    Object.entries(body).map(([name, value]) => [name === 'shards' ? 'lanes' : name, value]),
  );

export function adminDropRoutes(deps: Deps): OperatorRoute[] {
  const { db, ids, clock, providers, holdSeconds: defaultHoldSeconds, shardsMax } = deps;
  const shown = (drop: Drop, now = clock.now()) => adminDropJson(drop, now, ids, deps);
  const answer = (outcome: Outcome<CreateDrop>, status: 200 | 201): Response =>
    outcome.kind === 'drop_saved'
      ? json(shown(outcome.drop), status, replayedHeaders(outcome))
      : refuse(outcome);
  const write = async (command: EditDrop | Restock) => answer(await db.submit(command), 200);
  /** A picture at another URL of this server would make operators' browsers send that request. */
  const refusePicture = (c: Context, url: string | null | undefined): Response | null =>
    url && isOtherOwnUrl(url, [deps.publicUrl(), c.req.url]) ? invalid('imageUrl', ownImageUrlRule) : null;

  return operatorRoutes(adminDropOperations, {
    adminListDrops() {
      const now = clock.now();
      return json({ drops: db.snapshot.drops().map((drop) => shown(drop, now)) });
    },
    async createDrop({ c, actor, readBody, onceFor }) {
      const body = await readBody();
      if (body instanceof Response) return body;
      const { publish, shards, jurisdiction, locationHint, ...rest } = body;
      const { holdSeconds = defaultHoldSeconds, ...fields } = rest;
      const location = { jurisdiction, hint: locationHint };
      if (shards > shardsMax) return invalid('shards', 'Must be 1: only drops on Workers can have shards.');
      const drop = { ...fields, holdSeconds, published: publish };
      const refusal =
        refuseLocation(deps, location) ?? refusePicture(c, drop.imageUrl) ?? refuseNewDrop(providers, drop);
      if (refusal) return refusal;
      const once = onceFor(['create', fingerprinted(body)]);
      if (once instanceof Response) return once;
      return answer(await db.submit({ kind: 'createDrop', actor, drop, shards, location, ...once }), 201);
    },
    adminGetDrop({ c }) {
      const drop = requestedDrop(db, c);
      return drop ? json(shown(drop)) : problem('not_found');
    },
    async editDrop({ c, actor, readBody, onceFor }) {
      const drop = requestedDrop(db, c);
      if (!drop) return problem('not_found');
      const edit = await readBody();
      if (edit instanceof Response) return edit;
      // `optional` omits absent keys, so every key that is present was sent.
      const refusal = refusePicture(c, edit.imageUrl) ?? refuseEdit(providers, drop, edit as DropEdit);
      if (refusal) return refusal;
      const once = onceFor(['edit', drop.id, edit]);
      if (once instanceof Response) return once;
      return write({ kind: 'editDrop', actor, dropId: drop.id, edit: edit as DropEdit, ...once });
    },
    async closeDrop({ c, actor, onceFor }) {
      const drop = requestedDrop(db, c);
      if (!drop) return problem('not_found');
      const once = onceFor(['close', drop.id]);
      if (once instanceof Response) return once;
      const now = clock.now();
      // A drop that has ended keeps its end; a drop that never opened ends before its opening.
      if (drop.endsAt !== null && drop.endsAt <= now) return json(shown(drop, now));
      const edit = drop.startsAt < now ? { endsAt: now } : { startsAt: now - 1, endsAt: now };
      return write({ kind: 'editDrop', actor, dropId: drop.id, edit, ...once });
    },
    async restock({ c, actor, readBody, onceFor }) {
      const drop = requestedDrop(db, c);
      if (!drop) return problem('not_found');
      const body = await readBody();
      if (body instanceof Response) return body;
      const once = onceFor(['restock', drop.id, body]);
      if (once instanceof Response) return once;
      return write({ kind: 'restock', actor, dropId: drop.id, ...body, ...once });
    },
  });
}
