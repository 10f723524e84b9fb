/** Builds the handler of one thread over its database, and its HTTP server. */
import { type Context, type Env, Hono } from 'hono';
import packageJson from '../../package.json' with { type: 'json' };
import { createApp } from '../app.ts';
import { configuredSubscribers } from '../background/configured-subscribers.ts';
import type { Config } from '../config/config.ts';
import type { LinkedDatabase } from '../database/sqlite/open-database.ts';
import type { Reconciliation } from '../domain/reconciliation.ts';
import { tokenHash } from '../http/admin-auth.ts';
import { adminBackupRoutes } from '../http/admin-backup.ts';
import type { Caller } from '../http/caller.ts';
import { clientAddress } from '../http/client-address.ts';
import type { Deps } from '../http/deps.ts';
import { createQuickPages } from '../http/drops.ts';
import type { Family } from '../http/metrics-text.ts';
import { createPurchase } from '../http/place-purchase.ts';
import { createQuickPurchase } from '../http/quick-purchase.ts';
import { type AnswerQuickly, quickRequestOf } from '../http/quick-request.ts';
import { createRateLimits } from '../http/rate-limits.ts';
import type { Ids } from '../ids/ids.ts';
import type { Log } from '../log.ts';
import type { MetricsState } from '../metrics.ts';
import type { Providers } from '../payments/create-providers.ts';
import { systemClock } from '../split/system-clock.ts';
import type { Trace } from '../trace.ts';
import { asTyped } from './as-typed.ts';
import type { Listener, ListenOptions, SocketAddress, Transport } from './listener.ts';
import { pageFiles } from './page-files.ts';
import { createProxyWarnings } from './proxy-warnings.ts';
import { type SharedLimits, sharedKeyTimes } from './shared-key-times.ts';

const isBun = process.versions.bun !== undefined;
export const runtime = isBun ? `bun ${process.versions.bun}` : `node ${process.version}`;

export interface HttpServerDeps<E extends Env = Env> extends Providers {
  config: Config;
  db: LinkedDatabase;
  ids: Ids;
  log: Log;
  reconcile: () => Promise<Reconciliation>;
  publicUrl: () => string;
  isStopping: () => boolean;
  otherMetrics: () => Promise<readonly MetricsState[]>;
  processFamilies: () => readonly Family[];
  trace?: Trace | undefined;
  /** Limits that this thread counts together with others. */
  sharedLimits?: SharedLimits | undefined;
  /** Routes that come before the shop's. */
  routes?: Hono<E> | undefined;
}

export interface HttpServer {
  /** Answers one request. `connection` is what the runtime's HTTP server knows about it. */
  fetch: ListenOptions['fetch'];
  /** The number of requests so far. */
  requests(): number;
  /** Rejects if the port is not available. */
  listen(address: SocketAddress): Promise<Listener>;
}

/** Wraps a database so that each submitted command has a span. */
const tracedDatabase = (db: LinkedDatabase, trace: Trace): LinkedDatabase => ({
  ...db,
  submit: (command) =>
    trace.within(`writer ${command.kind}`, null, async (span) => {
      const outcome = await db.submit(command);
      span.note({ 'stampede.outcome': outcome.kind });
      return outcome;
    }),
});

/** Mounts the shop behind an embedder's routes; the shop answers the rest. */
function behind<E extends Env>(routes: Hono<E>, shop: Hono): Hono {
  const app = new Hono();
  app.route('/', routes);
  app.notFound(async (c) => shop.fetch(await unread(c), c.env));
  return app;
}

/**
 * Returns the request with its body. If the embedder's middleware has read it, Hono still has the
 * body.
 */
async function unread({ req }: Context): Promise<Request> {
  const { raw } = req;
  if (!raw.bodyUsed) return raw;
  const { method, headers, signal } = raw;
  return new Request(raw.url, { method, headers, signal, body: await req.arrayBuffer() });
}

export async function createHttpServer<E extends Env>(deps: HttpServerDeps<E>): Promise<HttpServer> {
  const { config, db, log, routes } = deps;
  const { listen, peerAddressOf, connectionOf }: Transport = isBun
    ? await import('./bun.ts')
    : await import('./node.ts');
  const peerAddress = (c: Caller) => peerAddressOf(c.env);
  const addressOf = clientAddress(peerAddress, config.trustedProxies, createProxyWarnings(log));
  const timesOf = deps.sharedLimits && sharedKeyTimes(deps.sharedLimits);
  const unpaid = { hashOf: deps.ids.address, unitsMax: config.addressUnitsMax, shards: 1 };
  const shopDeps: Deps = {
    ...deps,
    ...(deps.trace && { db: tracedDatabase(db, deps.trace) }),
    clock: systemClock,
    rateLimits: config.isRateLimitOn ? createRateLimits(addressOf, systemClock, unpaid, timesOf) : null,
    adminTokenHash: config.adminToken === null ? null : tokenHash(config.adminToken),
    holdSeconds: config.holdSeconds,
    corsOrigins: config.corsOrigins,
    shardsMax: 1,
    subscribers: configuredSubscribers(config),
    pageFiles,
    countsAllUnits: true,
    version: packageJson.version,
    runtime,
    tokensCommand: asTyped('npm run stampede -- tokens add'),
  };
  const purchase = createPurchase(shopDeps);
  const shop = createApp(shopDeps, adminBackupRoutes(deps), undefined, purchase);
  const app = routes ? behind(routes, shop) : shop;
  // The embedder's middleware applies to every answer.
  const hasMore = routes !== undefined || deps.trace !== undefined || config.corsOrigins.length > 0;
  const quickPage = createQuickPages(shopDeps);
  const quickPurchase = createQuickPurchase(shopDeps, purchase);
  const isShared = config.httpThreads > 1;
  let requests = 0;
  const quick: AnswerQuickly = (request) => {
    if (isShared) db.catchUp();
    db.flushOverdue();
    if (hasMore) return null;
    const answer = request.method === 'GET' ? quickPage(request) : quickPurchase(request);
    if (answer) requests += 1;
    return answer;
  };
  const fetch: ListenOptions['fetch'] = (request, given) => {
    const connection = connectionOf(given, request);
    const answer = quick(quickRequestOf(request, connection));
    if (answer) return answer;
    requests += 1;
    return app.fetch(request, connection);
  };
  return {
    fetch,
    requests: () => requests,
    listen: (address) => listen({ ...address, host: config.host, fetch, quick }),
  };
}
