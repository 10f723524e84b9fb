/** The composition root of Node and Bun: reads the environment, opens the store, listens, and closes in reverse. */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { createReconciliation } from '../background/reconciliation.ts';
import { sendRefunds } from '../background/refund-sender.ts';
import { type Config, ConfigError, parseConfig } from '../config.ts';
import { openSqliteStore, type SqliteStore } from '../database/sqlite/sqlite-store.ts';
import { MACHINE } from '../domain/place.ts';
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
import { systemClock } from '../split/system-clock.ts';
import { DatabaseRefusedError } from '../split/writer-host.ts';
import { watchClock } from './clock-watch.ts';
import { loadDevSecrets } from './dev-secrets.ts';
import { logFailedCommands } from './failed-commands.ts';
import { startFollowers } from './followers.ts';
import { createHttpServer, runtime } from './http-server.ts';
import { startHttpThreads } from './http-threads.ts';
import { listenForMetrics } from './other-metrics.ts';
import { createPinoLog } from './pino-log.ts';
import { canSharePort } from './port.ts';
import { watchProcess } from './process-metrics.ts';
import { createProviders } from './providers.ts';
import { seedSample, whatToTry } from './sample.ts';
import { stopOnSignal } from './shutdown.ts';
import { linkedStoreSettings } from './store-settings.ts';
import { sweepDueHolds } from './sweep.ts';
import { openTraces } from './traces.ts';
import { warnOfUnfinishedDeletions } from './unfinished-deletions.ts';
import { warnOfUnpayableDrops } from './unpayable-drops.ts';
import { warmUp } from './warm-up.ts';
import { warnOfWideModes } from './wide-modes.ts';

const FAULT_EXIT_CODE = 70;

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
  const tellRoom = (hasRoom: boolean): void => {
    if (hasRoom) log.warn({}, 'the disk has room again: orders are taken');
    else log.error({}, 'the disk is full: no orders are taken until there is room');
  };
  try {
    const isNew = !existsSync(config.databaseFile);
    mkdirSync(dirname(config.databaseFile), { recursive: true });
    const store = await openSqliteStore(
      { ...linkedStoreSettings(config), warmUpHolds: config.isWarmUpOn ? WARM_UP_HOLDS : 0 },
      dropPresentation(ids),
      systemClock,
      onFault,
      tellRoom,
      logFailedCommands(log),
    );
    warnOfWideModes(config.databaseFile, log);
    warnOfUnfinishedDeletions(linkedStoreSettings(config).connection, log);
    // Whoever expected his orders here must hear it: a disk may not be mounted.
    if (isNew)
      log.warn({ databaseFile: config.databaseFile }, 'there was no database file: a new one was made');
    return store;
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
  for (const warning of config.warnings) log.warn({}, warning);
  if (config.httpThreads > 1 && !canSharePort(process)) {
    return refuseToStart(log, [
      `HTTP_THREADS must be 1 on ${runtime} and ${process.platform}: threads can't share a port there`,
    ]);
  }
  let isStopping = false;

  const ids: Ids = createIds(config.secretKey, MACHINE, (kind, of) => store.generationOf(kind, of));
  const endByFault = (reason: string, what: string): void => {
    isStopping = true;
    log.error({ reason }, `${what}: no more orders are taken, and the process ends`);
    // What was in flight is answered as unknown first; a restart finds what was committed.
    setTimeout(() => process.exit(FAULT_EXIT_CODE), FAULT_EXIT_DELAY_MS);
  };
  const store = await openStore(config, ids, log, (reason) => endByFault(reason, 'the writer failed'));

  let publicUrl = config.publicUrl ?? '';
  const { sandbox, providers } = await createProviders(
    config,
    () => publicUrl,
    () => store.reads.deploymentMark(),
  );
  const reconcile = createReconciliation({ store, ids, providers, clock: systemClock, log });
  const deps = {
    config,
    ids,
    log,
    sandbox,
    providers,
    reconcile,
    publicUrl: () => publicUrl,
    isStopping: () => isStopping,
  };
  await warmUp(deps);
  const traces = await openTraces(config);
  const others = listenForMetrics(store.metrics, config.httpThreads - 1);
  const listen = await createHttpServer({
    ...deps,
    store,
    otherMetrics: others.gather,
    processFamilies: watchProcess(),
    trace: traces?.trace,
  });
  if (isDevelopment) await seedSample(store, systemClock.now(), config.holdSeconds);

  // Before anybody can buy: what happens from now on is told.
  const background = { store, ids, providers, clock: systemClock, log, random: Math.random };
  const refunds = sendRefunds(background);
  const stopFollowers = await startFollowers(config, { ...background, publicUrl: () => publicUrl });
  const { host, port } = config;
  const refuseToListen = (error: unknown): never =>
    refuseToStart(log, [
      `PORT ${port} on ${host} can't be listened on: ${error instanceof Error ? error.message : error}`,
    ]);
  const listener = await listen({ port, thread: config.httpThreads > 1 ? 'first' : 'only' }).catch(
    refuseToListen,
  );
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${listener.port}`;
  publicUrl ||= url;
  const links = Array.from({ length: config.httpThreads - 1 }, () => store.link());
  const threads = await startHttpThreads(links, { config, port: listener.port, publicUrl }, (reason) =>
    endByFault(reason, 'an HTTP thread failed'),
  ).catch(refuseToListen);
  const stopSweep = sweepDueHolds(store, systemClock);
  watchClock(systemClock, log);
  stopOnSignal(async () => {
    isStopping = true;
    threads.tellStopping();
    await Promise.all([listener.stop(STOP_REQUESTS_DEADLINE_MS), threads.stop()]);
    stopSweep();
    others.close();
    await traces?.stop();
    await Promise.all([refunds.stop(), stopFollowers()]);
    await store.close(STOP_WRITER_DEADLINE_MS);
  }, log);
  const { databaseFile, synchronous, paymentProviders } = config;
  log.info({ url, runtime, databaseFile, synchronous, paymentProviders }, 'listening');
  if (synchronous === 'NORMAL') {
    log.warn({}, 'SYNCHRONOUS=NORMAL: an acknowledged order can be lost when the power fails');
  }
  if (!isDevelopment && sandbox) log.warn({}, 'the sandbox takes payments: buyers get goods for nothing');
  warnOfUnpayableDrops(store.snapshot.drops(), providers, systemClock.now(), log);
  // What came in while nobody was here: also money whose hold ran out meanwhile.
  reconcile().then(
    (found) => found.checkouts > 0 && log.info({ ...found }, 'reconciled with the payment providers'),
    (error: unknown) => log.error({ error: String(error) }, 'the reconciliation failed'),
  );
  if (secretsFile) process.stdout.write(`${whatToTry(publicUrl, secretsFile)}\n`);
}
