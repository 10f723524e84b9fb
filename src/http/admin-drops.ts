/** /admin/drops: create, list, edit, publish, pause, close and restock drops. */
import type { Context } from 'hono';
import * as v from 'valibot';
import { PER_CUSTOMER_DEFAULT } from '../domain/client-limits.ts';
import type { CreateDrop, DropEdit, EditDrop, Restock } from '../domain/command.ts';
import { isCurrency } from '../domain/currency.ts';
import type { Drop } from '../domain/drop.ts';
import { imageUrlRule, isImageUrl, isOtherOwnUrl, ownImageUrlRule } from '../domain/image-url.ts';
import type { Outcome } from '../domain/outcome.ts';
import { hintsWithin, jurisdictions, type Location, locationHints, SHARDS_MAX } from '../domain/shard.ts';
import {
  DESCRIPTION_CHARACTERS_MAX,
  HOLD_SECONDS_MAX,
  ITEMS_PER_DROP_MAX,
  NAME_CHARACTERS_MAX,
  PRICE_MINOR_UNITS_MAX,
  SKU_CHARACTERS_MAX,
  SLUG_CHARACTERS_MAX,
  TITLE_CHARACTERS_MAX,
  UNITS_PER_ITEM_MAX,
  URL_CHARACTERS_MAX,
} from '../limits.ts';
import type { AdminRoute } from './admin-routes.ts';
import type { Deps } from './deps.ts';
import { json, readJson } from './json.ts';
import { onceBy, replayedHeaders } from './operator-key.ts';
import { invalid, problem, refuse } from './problem.ts';
import { refuseEdit, refuseNewDrop } from './publishing.ts';
import { adminDropJson } from './representation.ts';
import { line, lines, time, wholeNumber } from './schema.ts';

const title = line(TITLE_CHARACTERS_MAX, 'Shown to buyers');
const description = lines(DESCRIPTION_CHARACTERS_MAX, 'May contain line breaks');
const imageUrl = v.pipe(
  line(URL_CHARACTERS_MAX, 'An https URL, or a path below /images/ on this server'),
  // Browsers block pictures over http under our Content-Security-Policy (pages/document.ts).
  v.regex(/^(?:https:\/\/[^\s/\\]+|\/images\/)\S*$/, imageUrlRule),
  v.check(isImageUrl, imageUrlRule),
);
const perCustomer = v.pipe(
  v.nullable(wholeNumber(1, UNITS_PER_ITEM_MAX)),
  v.description('Units per customer; null: no limit'),
);
const holdSeconds = wholeNumber(1, HOLD_SECONDS_MAX);
const sku = v.pipe(
  line(SKU_CHARACTERS_MAX, 'Identifies the item within its drop'),
  v.regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
    'Must start with a letter or digit and contain only letters, digits, dots, dashes and underscores.',
  ),
);
const itemName = line(NAME_CHARACTERS_MAX, 'The item’s name, shown to buyers');
const price = wholeNumber(1, PRICE_MINOR_UNITS_MAX);
const stock = wholeNumber(0, UNITS_PER_ITEM_MAX);
const areSkusDistinct = (items: readonly { sku: string }[]): boolean =>
  new Set(items.map((item) => item.sku)).size === items.length;

const newItem = v.strictObject({ sku, name: itemName, price, stock });
const itemEdit = v.strictObject({
  sku,
  name: v.optional(itemName),
  price: v.optional(price),
  stock: v.optional(stock),
});
const atLeastOne = 'Must have at least one item.';
const notTooMany = `Must have at most ${ITEMS_PER_DROP_MAX} items.`;
const noneTwice = 'Must not contain the same sku twice.';

const jurisdiction = v.pipe(
  v.nullable(v.picklist(jurisdictions)),
  v.description('On Workers: where the drop’s data is stored and processed; fixed. null: anywhere.'),
);
const locationHint = v.pipe(
  v.nullable(v.picklist(locationHints)),
  v.description('On Workers: a hint where to create the drop. null: near this request.'),
);

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

export const newDropBody = v.pipe(
  v.strictObject({
    slug: v.pipe(
      line(SLUG_CHARACTERS_MAX, 'Part of the drop’s URL'),
      v.regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'Must be lower-case letters and digits, joined by dashes.'),
    ),
    title,
    description: v.optional(description, ''),
    imageUrl: v.optional(v.nullable(imageUrl), null),
    currency: v.pipe(v.string(), v.check(isCurrency, 'Must be an ISO 4217 currency code, such as EUR.')),
    perCustomer: v.optional(perCustomer, PER_CUSTOMER_DEFAULT),
    startsAt: time,
    endsAt: v.optional(v.nullable(time), null),
    holdSeconds: v.optional(holdSeconds),
    items: v.pipe(
      v.array(newItem),
      v.minLength(1, atLeastOne),
      v.maxLength(ITEMS_PER_DROP_MAX, notTooMany),
      v.check((items) => areSkusDistinct(items), noneTwice),
    ),
    publish: v.optional(v.boolean(), false),
    shards: v.optional(wholeNumber(1, SHARDS_MAX), 1),
    jurisdiction: v.optional(jurisdiction, null),
    locationHint: v.optional(locationHint, null),
  }),
  v.forward(
    v.check(({ startsAt, endsAt }) => endsAt === null || endsAt > startsAt, 'Must be after startsAt.'),
    ['endsAt'],
  ),
);

export const dropEditBody = v.pipe(
  v.strictObject({
    title: v.optional(title),
    description: v.optional(description),
    imageUrl: v.optional(v.nullable(imageUrl)),
    perCustomer: v.optional(perCustomer),
    startsAt: v.optional(time),
    endsAt: v.optional(v.nullable(time)),
    holdSeconds: v.optional(holdSeconds),
    published: v.optional(v.boolean()),
    paused: v.optional(v.boolean()),
    items: v.optional(
      v.pipe(
        v.array(itemEdit),
        v.minLength(1, atLeastOne),
        v.maxLength(ITEMS_PER_DROP_MAX, notTooMany),
        v.check((items) => areSkusDistinct(items), noneTwice),
      ),
    ),
  }),
  v.check((edit) => Object.keys(edit).length > 0, 'Must contain at least one field to change.'),
);

export const restockBody = v.strictObject({
  sku,
  quantity: v.pipe(
    wholeNumber(-UNITS_PER_ITEM_MAX, UNITS_PER_ITEM_MAX),
    v.check((quantity) => quantity !== 0, 'Must not be 0.'),
  ),
});

export function adminDropRoutes(deps: Deps): AdminRoute[] {
  const { db, ids, clock, providers, holdSeconds: defaultHoldSeconds, shardsMax } = deps;
  const shown = (drop: Drop, now = clock.now()) => adminDropJson(drop, now, ids, deps);
  const answer = (outcome: Outcome<CreateDrop>, status: 200 | 201): Response =>
    outcome.kind === 'drop_saved'
      ? json(shown(outcome.drop), status, replayedHeaders(outcome))
      : refuse(outcome);
  const write = async (command: EditDrop | Restock) => answer(await db.submit(command), 200);
  const findDrop = (c: Context): Drop | undefined => db.snapshot.find(c.req.param('id') ?? '');
  /** A picture at another URL of this server would make operators' browsers send that request. */
  const refusePicture = (c: Context, url: string | null | undefined): Response | null =>
    url && isOtherOwnUrl(url, [deps.publicUrl(), c.req.url]) ? invalid('imageUrl', ownImageUrlRule) : null;

  return [
    {
      method: 'GET',
      path: '/admin/drops',
      scope: 'drops:read',
      handle() {
        const now = clock.now();
        return json({ drops: db.snapshot.drops().map((drop) => shown(drop, now)) });
      },
    },
    {
      method: 'POST',
      path: '/admin/drops',
      scope: 'drops:write',
      async handle(c, { actor }) {
        const body = await readJson(c, newDropBody);
        if (body instanceof Response) return body;
        const { publish, shards, jurisdiction, locationHint, ...rest } = body;
        const { holdSeconds = defaultHoldSeconds, ...fields } = rest;
        const location = { jurisdiction, hint: locationHint };
        if (shards > shardsMax) return invalid('shards', 'Must be 1: only drops on Workers can have shards.');
        const drop = { ...fields, holdSeconds, published: publish };
        const refusal =
          refuseLocation(deps, location) ?? refusePicture(c, drop.imageUrl) ?? refuseNewDrop(providers, drop);
        if (refusal) return refusal;
        const once = onceBy(c, ids, actor, ['create', body]);
        if (once instanceof Response) return once;
        return answer(await db.submit({ kind: 'createDrop', actor, drop, shards, location, ...once }), 201);
      },
    },
    {
      method: 'GET',
      path: '/admin/drops/:id',
      scope: 'drops:read',
      handle(c) {
        const drop = findDrop(c);
        return drop ? json(shown(drop)) : problem('not_found');
      },
    },
    {
      method: 'PATCH',
      path: '/admin/drops/:id',
      scope: 'drops:write',
      async handle(c, { actor }) {
        const drop = findDrop(c);
        if (!drop) return problem('not_found');
        const edit = await readJson(c, dropEditBody);
        if (edit instanceof Response) return edit;
        // `optional` omits absent keys, so every key that is present was sent.
        const refusal = refusePicture(c, edit.imageUrl) ?? refuseEdit(providers, drop, edit as DropEdit);
        if (refusal) return refusal;
        const once = onceBy(c, ids, actor, ['edit', drop.id, edit]);
        if (once instanceof Response) return once;
        return write({ kind: 'editDrop', actor, dropId: drop.id, edit: edit as DropEdit, ...once });
      },
    },
    {
      method: 'POST',
      path: '/admin/drops/:id/close',
      scope: 'drops:write',
      async handle(c, { actor }) {
        const drop = findDrop(c);
        if (!drop) return problem('not_found');
        const once = onceBy(c, ids, actor, ['close', drop.id]);
        if (once instanceof Response) return once;
        const now = clock.now();
        // A drop that has ended keeps its end; a drop that never opened ends before its opening.
        if (drop.endsAt !== null && drop.endsAt <= now) return json(shown(drop, now));
        const edit = drop.startsAt < now ? { endsAt: now } : { startsAt: now - 1, endsAt: now };
        return write({ kind: 'editDrop', actor, dropId: drop.id, edit, ...once });
      },
    },
    {
      method: 'POST',
      path: '/admin/drops/:id/restock',
      scope: 'drops:write',
      async handle(c, { actor }) {
        const drop = findDrop(c);
        if (!drop) return problem('not_found');
        const body = await readJson(c, restockBody);
        if (body instanceof Response) return body;
        const once = onceBy(c, ids, actor, ['restock', drop.id, body]);
        if (once instanceof Response) return once;
        return write({ kind: 'restock', actor, dropId: drop.id, ...body, ...once });
      },
    },
  ];
}
