/** The SQLite files of a server under test: one on Node and Bun, one per object in workerd. */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { auditFile, readFile } from '../../src/database/sqlite/file-rows.ts';
import type { ServerProcess } from './server-process.ts';
import { workerName } from './worker-name.ts';

type WithFiles = Pick<ServerProcess, 'databaseFile'>;

/** The folder of a class's objects, relative to the folder that workerd is given. */
const objectsFolder = `do/${workerName}-DropObject`;

/** False for an object that was only asked whether it has a drop. */
const hasTables = (file: string): boolean =>
  readFile(file, (connection) =>
    connection.prepare("select 1 from sqlite_schema where name = 'orders'").all(),
  ).length > 0;

export function databaseFilesOf({ databaseFile }: WithFiles): string[] {
  if (existsSync(databaseFile)) return [databaseFile];
  const folder = join(dirname(databaseFile), objectsFolder);
  return readdirSync(folder)
    .filter((name) => /^[0-9a-f]{64}\.sqlite$/.test(name))
    .map((name) => join(folder, name))
    .filter(hasTables);
}

/** The audit findings of all files. */
export const violationsOf = (server: WithFiles): string[] => databaseFilesOf(server).flatMap(auditFile);

/** Reads each file while the server has it open. */
export const readEach = <T>(server: WithFiles, read: (connection: Database) => T[]): T[] =>
  databaseFilesOf(server).flatMap((file) => readFile(file, read));
