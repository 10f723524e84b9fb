/**
 * An additional HTTP thread on the same port: own snapshot, readers and handler, and a link to the
 * writer.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { dropPresentation } from '../answers/representation.ts';
import { createReconciliation } from '../background/reconciliation.ts';
import { logFailedCommands } from '../commands/failed-commands.ts';
import { deploymentReads } from '../database/deployment.ts';
import { openLinkedDatabase } from '../database/sqlite/open-database.ts';
import { MACHINE } from '../domain/shard.ts';
import { createIds, type Ids } from '../ids/ids.ts';
import { STOP_REQUESTS_DEADLINE_MS, STOP_WRITER_DEADLINE_MS } from '../limits.ts';
import { createProviders } from '../payments/create-providers.ts';
import { systemClock } from '../split/system-clock.ts';
import { linkedDatabaseSettings } from './database-settings.ts';
import { createHttpServer } from './http-server.ts';
import type { HttpThreadSettings } from './http-threads.ts';
import { listenForMetrics } from './other-metrics.ts';
import { createPinoLog } from './pino-log.ts';
import { watchProcess } from './process-metrics.ts';
import { openTraces } from './traces.ts';
import { warmUp } from './warm-up.ts';

if (!parentPort) throw new Error('This file is the entry of a thread.');
const parent = parentPort;
const { config, link, port, publicUrl, sharedLimits, stopping }: HttpThreadSettings = workerData;
const isStopping = new Int32Array(stopping);
const log = createPinoLog(config.logLevel);
const ids: Ids = createIds(config.secretKey, MACHINE, (kind, of) => db.generationOf(kind, of));
const db = await openLinkedDatabase(
  linkedDatabaseSettings(config),
  link,
  dropPresentation(ids),
  systemClock,
  // The main thread gets the fault too, and ends the process.
  (reason) => log.error({ reason }, 'an HTTP thread has lost the writer'),
  // The main thread logs changes of free disk space.
  undefined,
  logFailedCommands(log),
);
const { sandbox, providers } = await createProviders(
  config,
  () => publicUrl,
  () => deploymentReads(db).deploymentMark(),
);
const deps = {
  config,
  ids,
  log,
  sandbox,
  providers,
  reconcile: createReconciliation({ db, ids, providers, clock: systemClock, log }),
  publicUrl: () => publicUrl,
  isStopping: () => Atomics.load(isStopping, 0) === 1,
};
const traces = await openTraces(config);
const others = listenForMetrics(db.metrics, config.httpThreads - 1);
const server = await createHttpServer({
  ...deps,
  db,
  otherMetrics: others.gather,
  processFamilies: watchProcess(),
  trace: traces?.trace,
  sharedLimits,
});
const listener = await server.listen({ port, thread: 'further' });
const warmedUp = warmUp(deps, server.requests);
parent.once('message', async () => {
  await listener.stop(STOP_REQUESTS_DEADLINE_MS);
  await warmedUp;
  await db.close(STOP_WRITER_DEADLINE_MS);
  others.close();
  await traces?.stop();
  parent.close();
});
parent.postMessage('listening');
