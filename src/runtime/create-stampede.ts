/**
 * The composition root of Node and Bun, and the package's entry: the shop behind one fetch
 * function.
 */
import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { Env, Hono } from 'hono';
import { createReconciliation } from '../background/reconciliation.ts';
import { type Config, ConfigError, parseConfig } from '../config/config.ts';
import { deploymentReads } from '../database/deployment.ts';
import type { OwnDatabase } from '../database/sqlite/open-database.ts';
import { MACHINE } from '../domain/shard.ts';
import { createIds, type Ids } from '../ids/ids.ts';
import { assertLimits, STOP_WRITER_DEADLINE_MS } from '../limits.ts';
import type { Log } from '../log.ts';
import { createProviders } from '../payments/create-providers.ts';
import { warnOfUnpayableDrops } from '../payments/unpayable-drops.ts';
import { systemClock } from '../split/system-clock.ts';
import { createHttpServer, runtime } from './http-server.ts';
import { openConfiguredDatabase } from './open-database.ts';
import { listenForMetrics } from './other-metrics.ts';
import { createPinoLog } from './pino-log.ts';
import { autoHttpThreads, canSharePort } from './port.ts';
import { watchProcess } from './process-metrics.ts';
import { seedSample } from './sample.ts';
import { originOf, type Service, serve } from './serve.ts';
import { startWork } from './shop-work.ts';
import { openTraces } from './traces.ts';
import { warmUp } from './warm-up.ts';

export interface StampedeOptions<E extends Env = Env> {
  /**
   * The settings of `.env.example`, by name and as text, for example `process.env`. `SECRET_KEY`
   * and `PAYMENT_PROVIDERS` are required. Without `PUBLIC_URL`, buyers are sent to
   * `http://HOST:PORT`.
   */
  config: Readonly<Record<string, string | undefined>>;
  /**
   * Your own routes. They are matched first, and the shop answers the rest. Their middleware also
   * applies to the shop.
   */
  routes?: Hono<E>;
  /** The shop's log; by default, JSON lines on standard output. */
  log?: Log;
  /**
   * Called with the reason when the database or a thread has failed. From then on purchases are
   * answered with 503, until you restart the process.
   */
  onFault?: (reason: string) => void;
  /** Adds a sample drop to an empty file, and omits the warning about the sandbox. */
  isDevelopment?: boolean;
}

/** A shop with an open database and running background work. */
export interface Stampede {
  /**
   * Answers a request. `connection` is what your HTTP server passes with each request: the bindings
   * of @hono/node-server, or the server of `Bun.serve`. Without it, there are no limits by address.
   */
  fetch(request: Request, connection?: object): Response | Promise<Response>;
  /**
   * Serves on HOST and PORT with HTTP_THREADS threads; resolves with the origin that buyers see.
   * Rejects if the port is taken, after which you can call it again, and if the shop is listening
   * or closing already.
   */
  listen(): Promise<string>;
  /**
   * Answers the requests that `listen` has accepted, stops the background work and closes the
   * database. Takes at most a minute; a second call waits for the first.
   */
  close(): Promise<void>;
  readonly log: Log;
}

function assertThreads(threads: number, hasRoutes: boolean): void {
  if (threads === 1) return;
  if (hasRoutes)
    throw new ConfigError([
      'HTTP_THREADS must be 1 with your own routes, because the other threads would lack them',
    ]);
  if (canSharePort(process)) return;
  throw new ConfigError([
    `HTTP_THREADS must be 1 on ${runtime} and ${process.platform}, where threads can't share a port`,
  ]);
}

/**
 * Opens the database, starts the background work (refunds, mail, webhooks, expired holds), and
 * returns the shop.
 *
 * Rejects with a `ConfigError`, whose `mistakes` has one sentence for each wrong setting, or with a
 * `DatabaseRefusedError` if the file can't be served, for example because another server has it
 * open. Leaves nothing open then.
 *
 * @example
 * const routes = new Hono().get('/about', (c) => c.text('We sell shoes.'));
 * const stampede = await createStampede({ config: process.env, routes });
 * const server = serve({ fetch: stampede.fetch, port: 3000 }); // of @hono/node-server
 * process.once('SIGTERM', () => server.close(() => stampede.close()));
 */
export async function createStampede<E extends Env = Env>(options: StampedeOptions<E>): Promise<Stampede> {
  assertLimits();
  if (typeof options?.config !== 'object' || options.config === null) {
    throw new TypeError('createStampede needs its settings in `config`, for example process.env.');
  }
  const autoThreads = options.routes === undefined ? autoHttpThreads(process, availableParallelism()) : 1;
  const config = parseConfig(options.config, null, autoThreads);
  assertThreads(config.httpThreads, options.routes !== undefined);
  const log = options.log ?? createPinoLog(config.logLevel);
  for (const warning of config.warnings) log.warn({}, warning);
  const state: ShopState = {
    isStopping: false,
    publicUrl: config.publicUrl ?? originOf(config.host, config.port),
    fail(reason, what) {
      state.isStopping = true;
      log.error({ reason }, `${what}: orders are refused`);
      options.onFault?.(reason);
    },
  };
  const ids: Ids = createIds(config.secretKey, MACHINE, (kind, of) => db.generationOf(kind, of));
  const db: OwnDatabase = await openConfiguredDatabase(config, ids, log, (reason) =>
    state.fail(reason, 'the writer failed'),
  );
  try {
    return await startShop(options, { config, log, ids, db }, state);
  } catch (error) {
    await db.close(STOP_WRITER_DEADLINE_MS);
    throw error;
  }
}

interface ShopState {
  isStopping: boolean;
  /** The origin that buyers see; final once the shop listens. */
  publicUrl: string;
  fail(reason: string, what: string): void;
}

interface ShopParts {
  config: Config;
  log: Log;
  ids: Ids;
  db: OwnDatabase;
}

async function startShop<E extends Env>(
  { routes, isDevelopment = false }: StampedeOptions<E>,
  parts: ShopParts,
  state: ShopState,
): Promise<Stampede> {
  const { config, log, db } = parts;
  const publicUrl = () => state.publicUrl;
  const { sandbox, providers } = await createProviders(config, publicUrl, () =>
    deploymentReads(db).deploymentMark(),
  );
  const background = { ...parts, providers, publicUrl, clock: systemClock, random: Math.random };
  const reconcile = createReconciliation(background);
  const deps = { ...background, sandbox, reconcile, isStopping: () => state.isStopping };
  const traces = await openTraces(config);
  const others = listenForMetrics(db.metrics, config.httpThreads - 1);
  // A thread alone counts more cheaply.
  const sharedLimits = { seed: randomBytes(16).toString('hex'), memories: new Map() };
  const server = await createHttpServer({
    ...deps,
    sharedLimits: config.httpThreads > 1 ? sharedLimits : undefined,
    otherMetrics: others.gather,
    processFamilies: watchProcess(),
    trace: traces?.trace,
    routes,
  });
  if (isDevelopment) await seedSample(db, systemClock.now(), config.holdSeconds);
  // Start before the first purchase, so that every event is dispatched.
  const stopWork = await startWork(config, background);
  if (config.synchronous === 'NORMAL') {
    log.warn({}, 'SYNCHRONOUS=NORMAL: an acknowledged order can be lost when the power fails');
  }
  if (!isDevelopment && sandbox) log.warn({}, 'the sandbox accepts payments: orders are never charged');
  warnOfUnpayableDrops(db.snapshot.drops(), providers, systemClock.now(), log);
  // Finds payments that were made while no server ran, including those for expired holds.
  reconcile().then(
    (found) => found.checkouts > 0 && log.info({ ...found }, 'reconciled with the payment providers'),
    (error: unknown) => log.error({ error: String(error) }, 'the reconciliation failed'),
  );

  const warmedUp = warmUp(deps, server.requests);

  let service: Promise<Service> | null = null;
  let closed: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    state.isStopping = true;
    const served = await service?.catch(() => null);
    served?.notifyStopping();
    await served?.stop();
    await warmedUp;
    others.close();
    await traces?.stop();
    await stopWork();
    await db.close(STOP_WRITER_DEADLINE_MS);
  };
  return {
    log,
    fetch: server.fetch,
    async listen() {
      if (closed) throw new Error('The shop is closed.');
      if (service) throw new Error('The shop is already listening.');
      service = serve(server, db, config, sharedLimits, (reason) =>
        state.fail(reason, 'an HTTP thread failed'),
      );
      service.catch(() => {
        service = null;
      });
      const { url } = await service;
      state.publicUrl = config.publicUrl ?? url;
      const { databaseFile, synchronous, paymentProviders } = config;
      log.info({ url, runtime, databaseFile, synchronous, paymentProviders }, 'listening');
      return state.publicUrl;
    },
    close() {
      closed ??= close();
      return closed;
    },
  };
}
