/** The Worker in front: answers from published state, and forwards the rest to drops' objects. */
import { type Context, Hono } from 'hono';
import { getCookie } from 'hono/cookie';
import * as v from 'valibot';
import type { Config } from '../../config/config.ts';
import { type Drop, itemNamed, refusalOf } from '../../domain/drop.ts';
import { dropOf, shardIdOf, shardOfCustomer, UNCLAIMED } from '../../domain/shard.ts';
import { isSafeMethod } from '../../http/admin-auth.ts';
import { markOwn, publicPaths } from '../../http/cross-origin.ts';
import { createFailureLog } from '../../http/failure-log.ts';
import { isJson, json, parsedOrNull, readText } from '../../http/json.ts';
import { openedByBrowser } from '../../http/opened-by-browser.ts';
import { asReplayed, isReplay } from '../../http/operator-key.ts';
import { answerIgnored } from '../../http/payments.ts';
import { problem, refuse } from '../../http/problem.ts';
import { problemsAsPages } from '../../http/problems-as-pages.ts';
import { purchaseBody } from '../../http/purchase.ts';
import { createIds } from '../../ids/ids.ts';
import type { Log } from '../../log.ts';
import { ProviderError } from '../../payments/provider.ts';
import { Catalogue } from '../catalogue.ts';
import { edgeClock as clock } from '../clock.ts';
import { EdgeMetrics } from '../metrics.ts';
import { bookmarkHeader } from '../object/drop-object.ts';
import { Objects, ObjectUnreachableError } from '../objects.ts';
import { PublishedDrops } from '../relay/published-drops.ts';
import { newRelayNumber, readContextOf, relayOfListener } from '../relay/relays.ts';
import { AcrossDrops, type DropOperation } from './across-drops.ts';
import { createFrontApp } from './app.ts';
import { DropList } from './drop-list.ts';
import { createFindShardId } from './find-shard.ts';
import { KnownDrops } from './known-drops.ts';
import { createFrontLimits } from './limits.ts';
import { bookmarkCookie, operatorPage } from './operator-page.ts';
import { createOperatorRoutes, type FrontContext, routeOperators } from './operator-routes.ts';
import { PaymentShardIds } from './payment-shards.ts';
import { sourcesOfShopPage } from './shop-page.ts';

const waitUntilOf = (c: Context) => c.executionCtx.waitUntil.bind(c.executionCtx);
const isPage = (path: string): boolean => path === '/admin' || path.startsWith('/admin/ui/');

export async function createFront(env: Env, config: Config, log: Log) {
  const ids = createIds(config.secretKey);
  const objects = new Objects(env.DROPS, log, clock, Math.random);
  const relays = new Objects(env.RELAYS, log, clock, Math.random);
  const relayNumber = newRelayNumber();
  const readSlug = (slug: string) => new Catalogue(env.CATALOGUE).dropIdOfSlug(slug);
  const known = new KnownDrops(readSlug, new PublishedDrops(relays, clock), ids, clock);
  const list = new DropList(clock, (drops) => known.learn(drops));
  const across = new AcrossDrops(objects, config.secretKey);
  const paymentShardIds = new PaymentShardIds(ids, log);
  let mark: string | null = null;
  // Cache the value only: a request can't await a promise of another request.
  const readMark = async (): Promise<string> =>
    (mark ??= await new Catalogue(env.CATALOGUE).deploymentMark());
  const limits = config.isRateLimitOn ? createFrontLimits(env, clock) : null;
  const frontApp = await createFrontApp(config, objects, log, readMark, limits, (slug) => {
    list.invalidate();
    known.invalidateSlug(slug);
  });

  /** Returns an operator's bookmark. Other clients' bookmarks are ignored: each costs a read. */
  const bookmarkOf = (c: FrontContext): string | null => {
    const bookmark = c.req.header(bookmarkHeader) ?? getCookie(c, bookmarkCookie) ?? null;
    return bookmark !== null && frontApp.isOperator(c) ? bookmark : null;
  };
  const catalogueFor = (c: FrontContext): Catalogue => new Catalogue(env.CATALOGUE, bookmarkOf(c));
  const answerHere = (c: FrontContext, request: Request, drops: readonly Drop[] = []): Promise<Response> =>
    frontApp.answer(request, drops, catalogueFor(c), undefined, waitUntilOf(c));
  const find = (c: FrontContext, shardId: number) => known.find(shardId, readContextOf(c, relayNumber));
  const shardIdOfNew = (c: FrontContext, idOrSlug: string): Promise<number | null> =>
    known.shardIdOf(idOrSlug, waitUntilOf(c));
  const readList = (c: FrontContext) => list.shared(catalogueFor(c), waitUntilOf(c));
  const findShardId = createFindShardId({ known, limits, readList, waitUntilOf });

  /** Forwards a request to a shard, and drops this Worker's cached state of it. */
  const forwardTo = async (shardId: number, request: Request): Promise<Response> => {
    const response = await objects.forward(shardId, request);
    // A refusal changed nothing, so the cache stays: refused clients can't force reads.
    if (!isSafeMethod(request) && (response.ok || response.status >= 500)) known.invalidate(shardId);
    return response;
  };
  /** Forwards to the shard. Without a shard, the application in the Worker answers. */
  const forward = (c: FrontContext, shardId: number | null): Promise<Response> =>
    shardId === null ? answerHere(c, c.req.raw) : forwardTo(shardId, c.req.raw);
  /** Forwards by the id of an order or a refund. */
  const forwardById = (c: FrontContext) => forward(c, ids.shardIdOf(c.req.param('id') ?? ''));
  /** Answers a page's API requests through this Worker. */
  const sendBy = (c: FrontContext) => async (request: Request) => app.fetch(request, c.env, c.executionCtx);
  /** Returns the drop that the path names; null where there is none. A Response is a refusal. */
  const findDrop = async (c: FrontContext) => {
    const shardId = await findShardId(c, c.req.param('id') ?? '');
    return shardId === null || shardId instanceof Response ? shardId : find(c, shardId);
  };
  /** Shows a drop from the state that its objects have published. */
  const showDrop = async (c: FrontContext): Promise<Response> => {
    const found = await findDrop(c);
    return found instanceof Response ? found : answerHere(c, c.req.raw, found ? [found.drop] : []);
  };
  const streamStock = async (c: FrontContext): Promise<Response> => {
    const shardId = await findShardId(c, c.req.param('id') ?? '');
    if (shardId === null || shardId instanceof Response) return shardId ?? answerHere(c, c.req.raw);
    return relays.forward(relayOfListener(dropOf(shardId), c.req.raw, relayNumber), c.req.raw);
  };
  const showShopPage = async (c: FrontContext): Promise<Response> => {
    const found = await findDrop(c);
    if (found === null || found instanceof Response) return found ?? answerHere(c, c.req.raw);
    const pages = await sourcesOfShopPage(c, ids, objects, sendBy(c));
    return frontApp.answer(c.req.raw, [found.drop], catalogueFor(c), pages);
  };

  const purchase = async (c: FrontContext): Promise<Response> => {
    if (!isJson(c.req.header('content-type'))) return answerHere(c, c.req.raw);
    const text = await readText(c.req.raw);
    if (text instanceof Response) return text;
    const request = new Request(c.req.raw, { body: text });
    const body = v.safeParse(purchaseBody, parsedOrNull(text), { abortPipeEarly: true });
    // No cached absence: a retry must find its order though this Worker missed the drop before.
    const first = body.success ? await findShardId(c, body.output.dropId, false) : null;
    if (first instanceof Response) return first;
    const found = first === null ? null : await find(c, first);
    // An invalid request, or one for an unknown drop, wakes no object.
    if (!body.success || !found) return answerHere(c, request);
    const { drop, shardIds } = found;
    const { sku, quantity } = body.output;
    const customer = ids.customer(body.output.customer.email);
    const shardId = shardIds[shardOfCustomer(customer, shardIds.length)] ?? shardIdOf(drop.id);
    const item = itemNamed(drop, sku);
    const isRefused = drop.published && item && refusalOf(drop, item, quantity, clock.now()) !== null;
    const key = c.req.header('idempotency-key');
    // Only the object can tell a retry from a new purchase, unless the key has no order for sure.
    const isNew = key === undefined || !found.mayHaveOrder(shardId, customer, key);
    return isRefused && isNew ? answerHere(c, request, [drop]) : forwardTo(shardId, request);
  };

  const webhook = async (c: FrontContext): Promise<Response> => {
    const provider = frontApp.providers.get(c.req.param('provider') ?? '');
    if (!provider) return answerHere(c, c.req.raw);
    const text = await readText(c.req.raw);
    if (text instanceof Response) return text;
    const request = new Request(c.req.raw, { body: text });
    const reading = await provider.readWebhook(text, c.req.raw.headers, clock.now());
    if (reading.kind === 'ignored') return answerIgnored(reading, provider, log);
    if (reading.kind !== 'event' && reading.kind !== 'movements') return answerHere(c, request);
    const shardId = await paymentShardIds.of(reading, provider, async (at) => (await find(c, at)) !== null);
    if (shardId === null) return json({ received: true, effect: 'none' });
    if (shardId === UNCLAIMED) await objects.call(UNCLAIMED, (stub) => stub.open(UNCLAIMED), true);
    return forwardTo(shardId, request);
  };

  const listDrops = async (c: FrontContext): Promise<Response> => {
    const catalogue = catalogueFor(c);
    // Operators see every drop, and with a bookmark at least the state that it names.
    if (c.req.path === '/admin/drops') return frontApp.answer(c.req.raw, await catalogue.list(), catalogue);
    const drops = bookmarkOf(c) ? list.read(catalogue) : list.shared(catalogue, waitUntilOf(c));
    return frontApp.answer(c.req.raw, await drops, catalogue);
  };

  const shardIdsOfDrop = async (c: FrontContext, idOrSlug: string): Promise<readonly number[] | null> => {
    const shardId = await shardIdOfNew(c, idOrSlug);
    return shardId === null ? null : ((await find(c, shardId))?.shardIds ?? [shardId]);
  };
  const operators = createOperatorRoutes({
    catalogue: env.CATALOGUE,
    objects,
    ids,
    across,
    catalogueFor,
    shardIdsOfDrop,
    answerHere,
  });
  const showPage = (c: FrontContext): Promise<Response> =>
    operatorPage(c, (pages) => frontApp.answer(c.req.raw, [], catalogueFor(c), pages), sendBy(c));
  /** Returns the status of a drop's object, or of this Worker where no known drop is named. */
  const status = async (c: FrontContext): Promise<Response> => {
    const shardId = await findShardId(c, c.req.query('dropId') ?? '');
    return forward(c, shardId instanceof Response ? null : shardId);
  };

  const queue = config.mail.provider === null ? null : env.MAIL_QUEUE;
  const metrics = new EdgeMetrics({ askObject: objects.forward.bind(objects), queue, clock, log });
  /** Queries objects for an operator only: otherwise any client could wake all of them. */
  const showMetrics = async (c: FrontContext): Promise<Response> => {
    const shardId = await findShardId(c, c.req.query('dropId') ?? '');
    const found = typeof shardId === 'number' ? await find(c, shardId) : null;
    if (found?.shardIds.length === 1) return forward(c, found.shardIds[0] ?? null);
    const drops = found ? [found.drop] : await readList(c);
    if (!frontApp.isOperator(c)) return metrics.forAnyone(drops);
    if (found) return metrics.ofDrop(c.req.url, found.drop, found.shardIds);
    return metrics.ofAll(c.req.url, drops, await catalogueFor(c).shardIds());
  };

  /** Forwards an operator's request about one drop to its object, or to each of its shards. */
  const askDrop = async (c: FrontContext, operation: DropOperation | null): Promise<Response> => {
    const shardId = await shardIdOfNew(c, c.req.param('id') ?? '');
    const found = shardId === null ? null : await find(c, shardId);
    if (shardId === null || !found || found.shardIds.length === 1) return forward(c, shardId);
    if (operation?.id === 'adminGetDrop') return answerHere(c, c.req.raw, [found.drop]);
    const answer = await across.ofShards(c.req.raw, found.shardIds, operation);
    for (const shard of found.shardIds) known.invalidate(shard);
    const whole = answer.ok && isJson(answer.headers.get('content-type') ?? '') && (await find(c, shardId));
    // A shard shows only its own units, so answer with the whole drop instead.
    if (!whole || isSafeMethod(c.req)) return answer;
    const url = new URL(`/admin/drops/${ids.drop(found.drop.id)}`, c.req.url);
    const asked = new Request(url, { headers: c.req.raw.headers });
    return asReplayed(await answerHere(c, asked, [whole.drop]), isReplay(answer));
  };

  const app = new Hono<{ Bindings: Env }>();
  // For this Worker's own refusals only: the application marks and renders its own.
  app.use(problemsAsPages);
  app.use('/admin/*', openedByBrowser);
  const logFailure = createFailureLog(log, clock);
  app.onError((error) => {
    // `forward` answers its own failures, so the request has had no effect yet.
    const isAway = error instanceof ObjectUnreachableError || error instanceof ProviderError;
    if (isAway) return refuse({ kind: 'overloaded', retryAfterSeconds: 1 });
    logFailure(error);
    return problem('internal');
  });
  const { corsOrigins } = config;
  if (corsOrigins.length > 0) for (const path of publicPaths) app.use(path, markOwn(corsOrigins));
  // Preflights need no object; those of operator routes depend on the location of the drop.
  app.options('*', (c, next) => (c.req.path.startsWith('/admin') ? next() : answerHere(c, c.req.raw)));
  // Before any read or call to an object. A page sends its requests as its operator.
  app.use('/admin/*', (c, next) =>
    isPage(c.req.path) || frontApp.isOperator(c) ? next() : answerHere(c, c.req.raw),
  );
  const here = (c: FrontContext): Promise<Response> => answerHere(c, c.req.raw);
  const inFront = { adminListDrops: listDrops, createDrop: here, importDrop: here, listSubscribers: status };
  routeOperators(app, { ...inFront, ...operators }, askDrop, forwardById);
  return app
    .get('/drops', listDrops)
    .get('/drops/:id', showDrop)
    .get('/drops/:id/stock', streamStock)
    .post('/purchase', purchase)
    .all('/orders/:id/*', forwardById)
    .all('/orders/:id', forwardById)
    .all('/pay/:id', forwardById)
    .get('/', listDrops)
    .all('/d/:id', showShopPage)
    .all('/o/:id', forwardById)
    .all('/o/:id/*', forwardById)
    .post('/payments/:provider/webhook', webhook)
    .get('/readyz', status)
    .get('/metrics', showMetrics)
    .get('/admin', showPage)
    .all('/admin/ui/*', showPage)
    .all('*', here);
}
