/** The Worker near the buyer: answers what it knows, refuses what is sold out, and leads all else to the drop's object. */
import { type Context, Hono } from 'hono';
import * as v from 'valibot';
import packageJson from '../../../package.json' with { type: 'json' };
import { createApp } from '../../app.ts';
import type { Config } from '../../config.ts';
import { Catalogue } from '../../database/edge/catalogue.ts';
import { mayHaveKey } from '../../database/edge/key-filter.ts';
import type { DropFileHeader } from '../../database/move/drop-file.ts';
import type { CreateDrop } from '../../domain/command.ts';
import { type Drop, refusalOf } from '../../domain/drop.ts';
import type { Outcome } from '../../domain/outcome.ts';
import { placeOf, UNCLAIMED } from '../../domain/place.ts';
import { tokenHash } from '../../http/admin-auth.ts';
import { isJson, readText } from '../../http/json.ts';
import { problem } from '../../http/problem.ts';
import { itemNamed, purchaseBody } from '../../http/purchase.ts';
import { createRateLimits } from '../../http/rate-limits.ts';
import { dropPresentation } from '../../http/representation.ts';
import { createIds } from '../../ids.ts';
import { PUBLISHED_AGE_MS } from '../../limits.ts';
import type { Log } from '../../log.ts';
import { createProviders } from '../providers.ts';
import { AcrossDrops } from './across-drops.ts';
import { bookmarkHeader, importPath } from './drop-object.ts';
import { edgeAddress } from './edge-address.ts';
import { edgeClock as clock } from './edge-clock.ts';
import { createFrontStore } from './front-store.ts';
import { importRoute } from './move-routes.ts';
import { Objects } from './objects.ts';
import { PublishedDrops } from './published-drops.ts';

type Front = { Bindings: Env };
type FrontContext = Context<Front>;

const SLUGS_MAX = 1_000;

export function createFront(env: Env, config: Config, log: Log) {
  const ids = createIds(config.secretKey);
  const presentation = dropPresentation(ids);
  const objects = new Objects(env.DROPS, log);
  const published = new PublishedDrops(objects, clock);
  const across = new AcrossDrops(objects, config.secretKey);
  const rateLimits = config.isRateLimitOn ? createRateLimits(edgeAddress, clock) : null;
  const dropIdBySlug = new Map<string, number>();
  let list: { drops: readonly Drop[]; readMs: number } | null = null;

  const catalogueFor = (c: FrontContext): Catalogue =>
    new Catalogue(env.CATALOGUE, c.req.header(bookmarkHeader) ?? null);

  /** The place of a drop by its id or slug; null where there is none. */
  const placeOfDrop = async (idOrSlug: string): Promise<number | null> => {
    const dropId = ids.parseDrop(idOrSlug) ?? dropIdBySlug.get(idOrSlug);
    if (dropId !== undefined) return placeOf(dropId);
    const found = await new Catalogue(env.CATALOGUE).dropIdOfSlug(idOrSlug);
    if (found === null) return null;
    if (dropIdBySlug.size >= SLUGS_MAX) dropIdBySlug.clear();
    dropIdBySlug.set(idOrSlug, found);
    return placeOf(found);
  };

  const createIn =
    (catalogue: Catalogue) =>
    async (command: CreateDrop): Promise<{ outcome: Outcome<CreateDrop>; bookmark: string | null }> => {
      const { items: _, ...fields } = command.drop;
      const entry = { ...fields, paused: false, createdAt: clock.now() };
      const reservation = await catalogue.reserve(entry, 1);
      if (!reservation) return { outcome: { kind: 'slug_taken' }, bookmark: null };
      const { dropId } = reservation;
      const place = placeOf(dropId);
      // A drop is made once: asked twice, its object says that the slug is taken.
      return objects.call(place, async (stub) => stub.create(place, { ...command, dropId }), false);
    };

  /** Leads a drop that comes from elsewhere to its object, under its own key and slug. */
  const takeIn = async (catalogue: Catalogue, header: DropFileHeader, text: string): Promise<Response> => {
    const now = clock.now();
    const entry = {
      ...{ slug: header.slug, title: header.slug, description: '', imageUrl: null, currency: 'XXX' },
      ...{ perCustomer: null, startsAt: now, endsAt: null, holdSeconds: 1, paused: true, createdAt: now },
      published: false,
    };
    const reservation = await catalogue.reserve(entry, 1, header.dropId);
    if (!reservation) {
      return problem('not_movable', { detail: 'A drop with this key, or with this slug, is here already.' });
    }
    const place = placeOf(reservation.dropId);
    const url = new URL(`${importPath}?place=${place}`, 'https://object');
    return objects.forward(place, new Request(url, { method: 'POST', body: text }));
  };

  /** The application itself, for what needs no object: over the drops that are given. */
  const answerHere = async (
    c: FrontContext,
    request: Request,
    drops: readonly Drop[] = [],
    catalogue: Catalogue | null = null,
  ): Promise<Response> => {
    let bookmark: string | null = null;
    const { origin } = new URL(request.url);
    const publicUrl = (): string => config.publicUrl ?? origin;
    const store = createFrontStore(drops, presentation, async (command) => {
      const created = await createIn(catalogue ?? catalogueFor(c))(command);
      bookmark = created.bookmark;
      list = null;
      return created.outcome;
    });
    const app = createApp(
      {
        store,
        ids,
        clock,
        log,
        ...createProviders(config, publicUrl),
        rateLimits,
        reconcile: async () => ({ checkouts: 0, payments: 0, failed: 0 }),
        adminTokenHash: config.adminToken === null ? null : tokenHash(config.adminToken),
        holdSeconds: config.holdSeconds,
        publicUrl,
        version: packageJson.version,
        runtime: 'workerd',
        isStopping: () => false,
      },
      [
        importRoute(async (header, text) => {
          const imported = await takeIn(catalogue ?? catalogueFor(c), header, text);
          bookmark = imported.headers.get(bookmarkHeader);
          list = null;
          return imported;
        }),
      ],
    );
    const response = await app.fetch(request);
    const seen = bookmark ?? catalogue?.bookmark() ?? null;
    if (seen === null) return response;
    // What an object has answered can't be changed, only copied.
    const marked = new Response(response.body, response);
    marked.headers.set(bookmarkHeader, seen);
    return marked;
  };

  /** Sends the request to a place; afterwards this Worker asks anew how things stand there. */
  const leadTo = async (place: number, request: Request): Promise<Response> => {
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const response = await objects.forward(place, request);
    if (!isRead) published.forget(place);
    return response;
  };
  const leadToDrop = async (c: FrontContext, idOrSlug: string, request = c.req.raw): Promise<Response> => {
    const place = await placeOfDrop(idOrSlug);
    return place === null ? answerHere(c, request) : leadTo(place, request);
  };
  /** By an order's or a refund's id. */
  const leadById = (c: FrontContext): Promise<Response> => {
    const place = ids.placeOf(c.req.param('id') ?? '');
    return place === null ? answerHere(c, c.req.raw) : leadTo(place, c.req.raw);
  };

  /** The page of a drop from what its object has published. */
  const showDrop = async (c: FrontContext): Promise<Response> => {
    const place = await placeOfDrop(c.req.param('id') ?? '');
    const known =
      place === null ? null : await published.get(place, (work) => c.executionCtx.waitUntil(work));
    return answerHere(c, c.req.raw, known ? [known.drop] : []);
  };

  const purchase = async (c: FrontContext): Promise<Response> => {
    if (!isJson(c.req.header('content-type'))) return answerHere(c, c.req.raw);
    const text = await readText(c.req.raw);
    if (text instanceof Response) return text;
    const request = new Request(c.req.raw, { body: text });
    const body = v.safeParse(purchaseBody, parsedOrNull(text), { abortPipeEarly: true });
    const place = body.success ? await placeOfDrop(body.output.dropId) : null;
    // What is malformed, or names no drop, wakes nobody.
    if (!body.success || place === null) return answerHere(c, request);
    const known = await published.get(place, (work) => c.executionCtx.waitUntil(work));
    if (!known) return answerHere(c, request);
    const { drop, keys } = known;
    const { sku, quantity, customer } = body.output;
    const item = itemNamed(drop, sku);
    const isRefused = drop.published && item && refusalOf(drop, item, quantity, clock.now()) !== null;
    const key = c.req.header('idempotency-key');
    // Only the object knows a retry from a new purchase, unless this key certainly has no order.
    const isNew =
      key === undefined || (keys !== null && !mayHaveKey(keys, ids.customer(customer.email), key));
    return isRefused && isNew ? answerHere(c, request, [drop]) : leadTo(place, request);
  };

  const webhook = async (c: FrontContext): Promise<Response> => {
    const { origin } = new URL(c.req.url);
    const { providers } = createProviders(config, () => config.publicUrl ?? origin);
    const provider = providers.get(c.req.param('provider') ?? '');
    if (!provider) return answerHere(c, c.req.raw);
    const text = await readText(c.req.raw);
    if (text instanceof Response) return text;
    const request = new Request(c.req.raw, { body: text });
    const reading = await provider.readWebhook(text, c.req.raw.headers, clock.now());
    if (reading.kind !== 'event') return answerHere(c, request);
    const { order } = reading.event;
    const place = 'id' in order ? ids.placeOf(order.id) : ids.placeOfOrderNumber(order.number);
    const isKnown = place !== null && (await published.get(place, (work) => c.executionCtx.waitUntil(work)));
    if (isKnown) return leadTo(place, request);
    // Money for no order of ours has an object of its own, which sends it back.
    await objects.call(UNCLAIMED, (stub) => stub.settle(UNCLAIMED), true);
    return leadTo(UNCLAIMED, request);
  };

  const listDrops = async (c: FrontContext): Promise<Response> => {
    const isFresh = list !== null && clock.monotonicMs() < list.readMs + PUBLISHED_AGE_MS;
    // Who hands a bookmark back wants to see at least that; an operator sees what is.
    if (list && isFresh && c.req.header(bookmarkHeader) === undefined && c.req.path === '/drops') {
      return answerHere(c, c.req.raw, list.drops);
    }
    const readMs = clock.monotonicMs();
    const catalogue = catalogueFor(c);
    const drops = await catalogue.list();
    list = { drops, readMs };
    return answerHere(c, c.req.raw, drops, catalogue);
  };

  const placesOf = async (c: FrontContext): Promise<number[]> =>
    (await catalogueFor(c).entries()).map(({ place }) => place);
  const listOrders = async (c: FrontContext): Promise<Response> => {
    const dropId = c.req.query('dropId');
    if (dropId !== undefined) return leadToDrop(c, dropId);
    return (await across.list(c.req.raw, await placesOf(c), 'orders')) ?? answerHere(c, c.req.raw);
  };
  const listRefunds = async (c: FrontContext): Promise<Response> => {
    await objects.call(UNCLAIMED, (stub) => stub.settle(UNCLAIMED), true);
    const places = [...(await placesOf(c)), UNCLAIMED];
    return (await across.list(c.req.raw, places, 'refunds')) ?? answerHere(c, c.req.raw);
  };
  const doEverywhere = async (c: FrontContext): Promise<Response> => {
    const text = await readText(c.req.raw);
    if (text instanceof Response) return text;
    const request = new Request(c.req.raw, { body: text });
    return (await across.sum(request, await placesOf(c))) ?? answerHere(c, request);
  };
  const status = (c: FrontContext): Promise<Response> => {
    const dropId = c.req.query('dropId');
    return dropId === undefined ? answerHere(c, c.req.raw) : leadToDrop(c, dropId);
  };

  const app = new Hono<Front>();
  app.onError((error) => {
    log.error({ error: error.name, stack: error.stack }, 'a request failed');
    return problem('internal');
  });
  return app
    .get('/drops', listDrops)
    .get('/drops/:id', showDrop)
    .get('/drops/:id/stock', (c) => leadToDrop(c, c.req.param('id')))
    .post('/purchase', purchase)
    .all('/orders/:id/*', leadById)
    .all('/orders/:id', leadById)
    .all('/pay/:id', leadById)
    .post('/payments/:provider/webhook', webhook)
    .get('/readyz', status)
    .get('/metrics', status)
    .get('/admin/drops', listDrops)
    .all('/admin/drops/:id', (c) => leadToDrop(c, c.req.param('id')))
    .all('/admin/drops/:id/*', (c) => leadToDrop(c, c.req.param('id')))
    .get('/admin/orders', listOrders)
    .all('/admin/orders/:id', leadById)
    .all('/admin/orders/:id/*', leadById)
    .get('/admin/refunds', listRefunds)
    .all('/admin/refunds/:id/*', leadById)
    .post('/admin/customers/erase', doEverywhere)
    .post('/admin/reconcile', doEverywhere)
    .all('*', (c) => answerHere(c, c.req.raw));
}

/** Null where the text is no JSON: the schema refuses it like any other wrong value. */
function parsedOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
