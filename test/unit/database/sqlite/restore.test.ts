/** A restore replaces an old database without overwriting it, and none that a process has open. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, describe, expect, test } from 'vitest';
import { auditFile } from '../../../../src/database/sqlite/file-rows.ts';
import {
  claimTarget,
  copyProven,
  exchange,
  restorePartialOf,
} from '../../../../src/database/sqlite/restore.ts';
import { takeServerLock } from '../../../../src/split/server-lock.ts';
import { makeBackupFile } from '../../../support/backup-file.ts';
import { noon } from '../../../support/commands.ts';
import { scratchFolder } from '../../../support/scratch-folder.ts';

let backup: string;
let database: string;
beforeEach(() => {
  ({ backup, database } = makeBackupFile());
});
const partial = (): string => restorePartialOf(database);
const prove = () => copyProven({ kind: 'restore', backup, partial: partial() });

const asides = (): string[] =>
  readdirSync(join(database, '..'))
    .filter((name) => name.includes('before-restore'))
    .sort();
const filesBeside = (): string[] =>
  readdirSync(join(database, '..'))
    .filter((name) => !name.endsWith('.lock'))
    .sort();

/** A database with one row, as a killed server leaves it: the row is only in the WAL. */
function killedDatabase(): void {
  const killed = new Database(join(scratchFolder(), 'killed.db'));
  killed.pragma('journal_mode = wal');
  killed.exec('create table old (value)');
  killed.pragma('wal_checkpoint(TRUNCATE)');
  killed.exec("insert into old values ('kept')");
  for (const end of ['', '-wal']) writeFileSync(database + end, readFileSync(killed.name + end));
  killed.close();
}

describe('a restored database', () => {
  test('equals the backup, and its last event is reported', () => {
    const target = claimTarget(database, false);
    expect(prove()).toEqual({ lastSeq: 2, lastEventAt: noon + 1 });
    expect(exchange(target, partial(), noon)).toBeNull();
    target.release();
    expect(filesBeside()).toEqual(['drop.db']);
    expect(auditFile(database)).toEqual([]);
    expect(readFileSync(database)).toEqual(readFileSync(backup));
  });

  test('replaces an old one only with force, and keeps the old file with its contents', () => {
    killedDatabase();
    expect(() => claimTarget(database, false)).toThrow(/drop\.db already exists/);
    const target = claimTarget(database, true);
    prove();
    const aside = exchange(target, partial(), noon);
    target.release();
    expect(aside).toBe(`${database}.before-restore-20260131T120000Z`);
    expect(readFileSync(database)).toEqual(readFileSync(backup));
    expect(existsSync(`${database}-wal`)).toBe(false);
    const old = new Database(aside ?? '');
    expect(old.prepare('select * from old').all()).toEqual([{ value: 'kept' }]);
    old.close();
  });

  test('does not inherit the WAL of a removed database', () => {
    writeFileSync(`${database}-wal`, 'of another one');
    expect(() => claimTarget(database, false)).toThrow(/drop\.db-wal already/);
    const target = claimTarget(database, true);
    prove();
    exchange(target, partial(), noon);
    target.release();
    expect(existsSync(`${database}-wal`)).toBe(false);
    expect(asides()).toEqual(['drop.db.before-restore-20260131T120000Z-wal']);
  });

  test('replaces a corrupt one, too', () => {
    writeFileSync(database, 'ruined'.repeat(1_000));
    for (const moment of [noon, noon]) {
      const target = claimTarget(database, true);
      prove();
      exchange(target, partial(), moment);
      target.release();
    }
    expect(asides()).toEqual([
      'drop.db.before-restore-20260131T120000Z',
      expect.stringMatching(/20260131T120001Z$/),
    ]);
  });

  test('is refused while a server or a shell has the old one open', () => {
    killedDatabase();
    const server = takeServerLock(database);
    expect(() => claimTarget(database, true)).toThrow(/a server has .* open/);
    server.release();
    const shell = new Database(database);
    shell.prepare('select * from old').get();
    expect(() => claimTarget(database, true)).toThrow(/another program has .* open/);
    shell.close();
    claimTarget(database, true).release();
  });

  test('keeps servers from starting until it is complete', () => {
    const target = claimTarget(database, false);
    expect(() => takeServerLock(database)).toThrow(/Another server/);
    target.release();
    takeServerLock(database).release();
  });

  test('never overwrites a file that appeared meanwhile', () => {
    const target = claimTarget(database, false);
    prove();
    // By a program that does not use the lock.
    writeFileSync(database, 'new');
    const comes = { ...target, releaseFile: () => writeFileSync(database, 'newer') };
    expect(() => exchange(comes, partial(), noon)).toThrow(/EEXIST/);
    target.release();
    expect(readFileSync(database, 'utf8')).toBe('newer');
    expect(readFileSync(join(database, '..', asides()[0] ?? ''), 'utf8')).toBe('new');
  });
});
