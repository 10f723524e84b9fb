/**
 * Kills servers during their start, and during the migrations of a new file; the next start must
 * find a sound file.
 */
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { auditFile } from '../../src/database/sqlite/file-rows.ts';
import {
  type RuntimeName,
  type ServerOptions,
  scratchDatabase,
  spawnServer,
  startServer,
} from '../support/server-process.ts';

/** Spawns a server and kills it `afterMs` after `until` holds. Reports an earlier end. */
export async function killStart(
  options: ServerOptions,
  afterMs: number,
  until: () => boolean = () => true,
): Promise<string[]> {
  const { child, output } = spawnServer(options);
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  while (!until() && child.exitCode === null && child.signalCode === null) await sleep(1);
  await sleep(afterMs);
  child.kill('SIGKILL');
  const [code, signal] = await exited;
  return signal === 'SIGKILL'
    ? []
    : [`a start ended by itself with ${code ?? signal}: ${output().slice(-500)}`];
}

/**
 * Kills a start on a new file, `afterMs` after the file has appeared: during the migrations or
 * shortly after. Starts and stops another server on the remains, and returns its violations.
 */
export async function killMigration(runtime: RuntimeName, afterMs: number): Promise<string[]> {
  const databaseFile = scratchDatabase();
  const violations = await killStart({ runtime, databaseFile }, afterMs, () => existsSync(databaseFile));
  const server = await startServer({ runtime, databaseFile });
  const { code } = await server.stop();
  violations.push(...auditFile(databaseFile));
  if (code !== 0) violations.push(`the server ended with ${code}: ${server.output().slice(-500)}`);
  if (violations.length === 0) rmSync(dirname(databaseFile), { recursive: true });
  return violations.map((violation) => `${databaseFile}, killed while it was made: ${violation}`);
}
