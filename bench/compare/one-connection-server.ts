/**
 * The seed's "before" on this code: one connection, rollback journal, FULL, no busy timeout, one
 * transaction per request in its handler.
 */

import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import * as schema from '../../drizzle/schema.ts';
import { dropPresentation } from '../../src/answers/representation.ts';
import { createApp } from '../../src/app.ts';
import { parseConfig } from '../../src/config/config.ts';
import type { CatalogueUpdate } from '../../src/database/catalogue-update.ts';
import { readsOf } from '../../src/database/read-database.ts';
import { immediateStatus, type ShopDatabase } from '../../src/database/shop-database.ts';
import { Snapshot } from '../../src/database/snapshot.ts';
import { migrateFile } from '../../src/database/sqlite/migrate.ts';
import { commitShopCommands } from '../../src/database/sqlite/shop-commands.ts';
import type { Command } from '../../src/domain/command.ts';
import type { Outcome } from '../../src/domain/outcome.ts';
import { tokenHash } from '../../src/http/admin-auth.ts';
import { createIds } from '../../src/ids/ids.ts';
import { Metrics } from '../../src/metrics.ts';
import { createSandbox } from '../../src/payments/sandbox.ts';
import { listen } from '../../src/runtime/node.ts';
import { pageFiles } from '../../src/runtime/page-files.ts';
import { createPinoLog } from '../../src/runtime/pino-log.ts';
import { systemClock } from '../../src/split/system-clock.ts';

const config = parseConfig(process.env);
mkdirSync(dirname(config.databaseFile), { recursive: true });
const connection = new Database(config.databaseFile);
connection.pragma('journal_mode = delete');
connection.pragma('synchronous = full');
connection.pragma('busy_timeout = 0');
migrateFile(connection);
const committer = commitShopCommands(connection);
const ids = createIds(config.secretKey);
const snapshot = new Snapshot(dropPresentation(ids));
const applyUpdate = ({ changes }: CatalogueUpdate): void => {
  for (const change of changes) snapshot.apply(change);
};
applyUpdate(committer.state());

const submit = async <C extends Command>(command: C): Promise<Outcome<C>> => {
  const { outcomes, update } = committer.commit([command], Date.now());
  applyUpdate(update);
  // Each command has its own kind of outcome, as in the writer's queue.
  return outcomes[0] as Outcome<C>;
};
const notHere = (): never => {
  throw new Error('The bench has no such route.');
};
const store: ShopDatabase = {
  snapshot,
  ...readsOf(drizzle(connection, { schema })),
  submit,
  status: () => immediateStatus,
  isFull: () => false,
  metrics: new Metrics(),
  tallies: async () => null,
  lastSeq: () => committer.state().lastSeq,
  certify: notHere,
  exportOrders: notHere,
};
const publicUrl = (): string => 'http://127.0.0.1';
const sandbox = createSandbox(config.secretKey, publicUrl);
const app = createApp({
  db: store,
  ids,
  clock: systemClock,
  log: createPinoLog('error'),
  // A drop must have a price that some provider can charge.
  providers: new Map([[sandbox.name, sandbox]]),
  sandbox: null,
  rateLimits: null,
  reconcile: notHere,
  adminTokenHash: config.adminToken === null ? null : tokenHash(config.adminToken),
  holdSeconds: config.holdSeconds,
  shardsMax: 1,
  countsAllUnits: true,
  publicUrl,
  otherMetrics: async () => [],
  processFamilies: () => [],
  subscribers: [],
  pageFiles,
  version: 'before',
  runtime: 'node',
  tokensCommand: null,
  isStopping: () => false,
});
const { host } = config;
const listener = await listen({
  host,
  port: 0,
  thread: 'only',
  fetch: (request, peer) => {
    // Reads query the file each time.
    if (request.method === 'GET') applyUpdate(committer.state());
    return app.fetch(request, peer);
  },
});
process.once('SIGTERM', async () => {
  await listener.stop(10_000);
  connection.close();
});
process.stdout.write(`${JSON.stringify({ msg: 'listening', url: `http://${host}:${listener.port}` })}\n`);
