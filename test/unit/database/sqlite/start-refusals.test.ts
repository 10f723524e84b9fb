/** Starts on an unusable file: one clear line, exit code 1, and an unchanged file. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { machines } from '../../../support/contract-server.ts';
import { scratchFolder } from '../../../support/scratch-folder.ts';
import { migratedFile } from '../../../support/scratch-store.ts';
import { startExpectingFailure } from '../../../support/server-process.ts';

function fileWith(content: string): string {
  const file = join(scratchFolder(), 'drop.db');
  writeFileSync(file, content);
  return file;
}

function databaseWith(file: string, sql: string): string {
  const connection = new Database(file);
  connection.exec(sql);
  connection.close();
  return file;
}

function folderAt(name: string): string {
  const path = join(scratchFolder(), name);
  mkdirSync(path);
  return path;
}

const text = 'This is no database, and it is long enough for the head of one. '.repeat(20);
const tomorrow = "insert into __drizzle_migrations (hash, created_at) values ('of tomorrow', 9999999999999)";

const refused: readonly [what: string, makeFile: () => string, reason: RegExp][] = [
  ['a text', () => fileWith(text), /not a database/],
  [
    'a database of another program',
    () => databaseWith(fileWith(''), 'create table t (a)'),
    /another program/,
  ],
  ['a database of a newer version', () => databaseWith(migratedFile(), tomorrow), /newer schema/],
  ['a folder', () => folderAt('drop.db'), /unable to open|EISDIR/],
  ['a path below a file', () => join(fileWith(text), 'below', 'drop.db'), /ENOTDIR|EEXIST|unable to open/],
  ['a path without write permission', () => '/sys/stampede/drop.db', /ENOENT|EACCES|EPERM|EROFS/],
];

const bytesOf = (file: string): Buffer | null => {
  try {
    return readFileSync(file);
  } catch {
    return null;
  }
};

describe.each(machines)('on %s', (runtime) => {
  test.each(refused)('%s is refused and unchanged', async (_, makeFile, reason) => {
    const file = makeFile();
    const before = bytesOf(file);
    const { code, output } = await startExpectingFailure({ runtime, databaseFile: file });
    expect(code, output).toBe(1);
    const lines = output.trim().split('\n');
    expect(lines, output).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'error',
      msg: expect.stringMatching(/^can't start: DATABASE_FILE can't be served: /),
    });
    expect(output).toMatch(reason);
    expect(bytesOf(file)).toEqual(before);
    expect(existsSync(`${file}-wal`), 'a WAL was left beside it').toBe(false);
  });
});
