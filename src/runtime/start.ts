/** The composition root of Node and Bun: reads the environment, opens the store, listens, and closes in reverse. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Context } from 'hono';
import packageJson from '../../package.json' with { type: 'json' };
import { createApp } from '../app.ts';
import { createReconciliation } from '../background/reconciliation.ts';
import { sendRefunds } from '../background/refund-sender.ts';
import { type Config, ConfigError, parseConfig } from '../config.ts';
import { DatabaseRefusedError, openSqliteStore, type SqliteStore } from '../database/sqlite/sqlite-store.ts';
import { tokenHash } from '../http/admin-auth.ts';
import { clientAddress } from '../http/client-address.ts';
import { createRateLimits } from '../http/rate-limits.ts';
import { dropPresentation } from '../http/representation.ts';
import { createIds, type Ids } from '../ids.ts';
import {
  assertLimits,
  FAULT_EXIT_DELAY_MS,
  STOP_REQUESTS_DEADLINE_MS,
  STOP_WRITER_DEADLINE_MS,
  WARM_UP_HOLDS,
} from '../limits.ts';
import type { Log } from '../log.ts';
import { loadDevSecrets } from './dev-secrets.ts';
import { startFollowers } from './followers.ts';
import type { Listen, PeerAddressOf } from './listener.ts';
import { createPinoLog } from './pino-log.ts';
import { createProviders } from './providers.ts';
import { seedSample, whatToTry } from './sample.ts';
import { stopOnSignal } from './shutdown.ts';
import { sweepDueHolds } from './sweep.ts';
import { systemClock } from './system-clock.ts';
import { warmUp } from './warm-up.ts';

const FAULT_EXIT_CODE = 70;
const isBun = process.versions.bun !== undefined;
const runtime = isBun ? `bun ${process.versions.bun}` : `node ${process.version}`;

interface Server {
  listen: Listen;
  peerAddressOf: PeerAddressOf;
}

interface Environment {
  config: Config;
  /** Development only. */
  secretsFile: string | null;
}

function readEnvironment(isDevelopment: boolean): Environment {
  if (!isDevelopment) return { config: parseConfig(process.env), secretsFile: null };
  const given = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ''));
  const secretsFile = `${given.DATABASE_FILE ?? 'data/stampede.db'}.secrets.json`;
  const defaults = { PAYMENT_PROVIDERS: 'sandbox', ...loadDevSecrets(secretsFile) };
  return { config: parseConfig({ ...defaults, ...given }), secretsFile };
}

/** Ends the process with one clear line for each mistake, before anything is opened. */
function refuseToStart(log: Log, mistakes: readonly string[]): never {
  for (const mistake of mistakes) log.error({}, `can't start: ${mistake}`);
  process.exit(1);
}

async function openStore(
  config: Config,
  ids: Ids,
  log: Log,
  onFault: (reason: string) => void,
): Promise<SqliteStore> {
  const { databaseFile: file, busyTimeoutMs, synchronous } = config;
  try {
    mkdirSync(dirname(file), { recursive: true });
    return await openSqliteStore(
      {
        connection: { file, busyTimeoutMs, synchronous },
        warmUpHolds: config.isWarmUpOn ? WARM_UP_HOLDS : 0,
        queue: { queueMax: config.queueMax, deadlineMs: config.writeDeadlineMs, batchMax: config.batchMax },
        readersMax: config.readersMax,
        secretKey: config.secretKey,
      },
      dropPresentation(ids),
      systemClock,
      onFault,
    );
  } catch (error) {
    const isExpected = error instanceof DatabaseRefusedError || (error instanceof Error && 'code' in error);
    if (!isExpected) throw error;
    return refuseToStart(log, [`DATABASE_FILE can't be served: ${error.message}`]);
  }
}

/** Starts the server of this process; resolves once it listens. */
export async function start({ isDevelopment }: { isDevelopment: boolean }): Promise<void> {
  assertLimits();
  let environment: Environment;
  try {
    environment = readEnvironment(isDevelopment);
  } catch (error) {
    if (error instanceof ConfigError) return refuseToStart(createPinoLog('info'), error.mistakes);
    throw error;
  }
  const { config, secretsFile } = environment;
  const log = createPinoLog(config.logLevel);
  let isStopping = false;
  let isOpen = false;

  const ids = createIds(config.secretKey);
  const store = await openStore(config, ids, log, (reason) => {
    isStopping = true;
    log.error({ reason }, 'the writer failed: no more orders are taken, and the process ends');
    // What was in flight is answered as unknown first; a restart finds what was committed.
    setTimeout(() => process.exit(FAULT_EXIT_CODE), FAULT_EXIT_DELAY_MS);
  });

  let publicUrl = config.publicUrl ?? '';
  const { sandbox, providers } = createProviders(config, () => publicUrl);
  const reconcile = createReconciliation({ store, ids, providers, log });
  const { listen, peerAddressOf }: Server = isBun ? await import('./bun.ts') : await import('./node.ts');
  const peerAddress = (c: Context) => peerAddressOf(c.req.raw, c.env);
  let isProxyKnown = false;
  const warnOfProxy = (): void => {
    if (isProxyKnown) return;
    isProxyKnown = true;
    log.warn({}, 'a proxy is in front and TRUSTED_PROXIES is empty: all buyers count as one address');
  };
  const app = createApp({
    store,
    ids,
    clock: systemClock,
    log,
    providers,
    sandbox,
    reconcile,
    rateLimits: config.isRateLimitOn
      ? createRateLimits(
          clientAddress(peerAddress, config.trustedProxies, warnOfProxy),
          systemClock,
          () => isOpen,
        )
      : null,
    adminTokenHash: config.adminToken === null ? null : tokenHash(config.adminToken),
    holdSeconds: config.holdSeconds,
    publicUrl: () => publicUrl,
    version: packageJson.version,
    runtime,
    isStopping: () => isStopping,
  });
  if (isDevelopment) await seedSample(store, systemClock.now(), config.holdSeconds);

  // Before anybody can buy: what happens from now on is told.
  const background = { store, ids, providers, clock: systemClock, log, random: Math.random };
  const refunds = sendRefunds(background);
  const stopFollowers = await startFollowers(config, { ...background, publicUrl: () => publicUrl });
  const { host, port } = config;
  const listener = await listen({
    host,
    port,
    fetch: (request, connection) => app.fetch(request, connection),
  }).catch((error: unknown) =>
    refuseToStart(log, [
      `PORT ${port} on ${host} can't be listened on: ${error instanceof Error ? error.message : error}`,
    ]),
  );
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${listener.port}`;
  publicUrl ||= url;
  const stopSweep = sweepDueHolds(store, systemClock);
  stopOnSignal(async () => {
    isStopping = true;
    await listener.stop(STOP_REQUESTS_DEADLINE_MS);
    stopSweep();
    await Promise.all([refunds.stop(), stopFollowers()]);
    await store.close(STOP_WRITER_DEADLINE_MS);
  }, log);
  // After the signals: who stops a server that still warms up gets a graceful end as well.
  if (config.isWarmUpOn) {
    await warmUp(url).catch((error: unknown) => log.warn({ error: String(error) }, 'the warm-up failed'));
  }

  isOpen = true;
  const { databaseFile, synchronous, paymentProviders } = config;
  log.info({ url, runtime, databaseFile, synchronous, paymentProviders }, 'listening');
  if (synchronous === 'NORMAL') {
    log.warn({}, 'SYNCHRONOUS=NORMAL: an acknowledged order can be lost when the power fails');
  }
  if (!isDevelopment && sandbox) log.warn({}, 'the sandbox takes payments: buyers get goods for nothing');
  // What came in while nobody was here: also money whose hold ran out meanwhile.
  reconcile().then(
    (found) => found.checkouts > 0 && log.info({ ...found }, 'reconciled with the payment providers'),
    (error: unknown) => log.error({ error: String(error) }, 'the reconciliation failed'),
  );
  if (secretsFile) process.stdout.write(`${whatToTry(publicUrl, store, secretsFile)}\n`);
}
