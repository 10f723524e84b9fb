/** Every connection has the requested settings, or does not open. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type ConnectionSettings,
  openReader,
  openWriter,
  type SqliteConnection,
} from '../../../src/split/connection.ts';
import { ReaderPool, ReadersExhaustedError } from '../../../src/split/reader-pool.ts';
import { scratchFolder } from '../../support/scratch-folder.ts';
import { migratedFile, settingsFor } from '../../support/scratch-store.ts';

const open: SqliteConnection[] = [];
const opened = (connection: SqliteConnection): SqliteConnection => {
  open.push(connection);
  return connection;
};
const setting = (connection: SqliteConnection, name: string): unknown =>
  connection.pragma(name, { simple: true });

let settings: ConnectionSettings;
beforeEach(() => {
  settings = settingsFor(migratedFile());
});
afterEach(() => {
  for (const connection of open.splice(0)) connection.close();
});

describe('the writer', () => {
  test('syncs to the disk at every commit', () => {
    const writer = opened(openWriter(settings));
    expect(setting(writer, 'synchronous')).toBe(2);
    expect(setting(writer, 'journal_mode')).toBe('wal');
  });

  test('has every other setting', () => {
    const writer = opened(openWriter({ ...settings, busyTimeoutMs: 1_234 }));
    const names = ['foreign_keys', 'recursive_triggers', 'wal_autocheckpoint', 'busy_timeout', 'query_only'];
    expect(names.map((name) => setting(writer, name))).toEqual([1, 1, 0, 1_234, 0]);
    expect(setting(writer, 'cache_size')).toBe(-65_536);
  });

  test('creates a missing file with all settings', () => {
    const writer = opened(openWriter(settingsFor(join(scratchFolder(), 'new.db'))));
    expect([setting(writer, 'journal_mode'), setting(writer, 'synchronous')]).toEqual(['wal', 2]);
  });

  test('uses synchronous NORMAL only when it is configured', () => {
    expect(setting(opened(openWriter({ ...settings, synchronous: 'NORMAL' })), 'synchronous')).toBe(1);
    expect(setting(opened(openReader({ ...settings, synchronous: 'NORMAL' })), 'synchronous')).toBe(1);
  });
});

describe('readers', () => {
  test('run FULL, read-only and with a small cache, each of them', () => {
    opened(openWriter(settings));
    const pool = new ReaderPool(settings, 5);
    const readers = Array.from({ length: 5 }, () => pool.lease());
    for (const reader of readers) {
      const names = ['synchronous', 'query_only', 'foreign_keys', 'busy_timeout', 'cache_size'];
      expect(names.map((name) => setting(reader, name))).toEqual([2, 1, 1, 1_000, -1_024]);
      expect(reader.readonly).toBe(true);
    }
    pool.close();
  });

  test.each([
    "insert into links (last_seq, hash) values (1, 'x')",
    "update drops set title = 'x'",
    'delete from links',
    'create table t (a)',
    'drop table links',
    'pragma user_version = 7',
    'vacuum',
  ])('refuse to %s', (sql) => {
    opened(openWriter(settings));
    const reader = opened(openReader(settings));
    expect(() => reader.prepare(sql).run()).toThrow(/readonly|read-only|query_only/);
  });

  test('stay read-only after query_only is switched off', () => {
    opened(openWriter(settings));
    const reader = opened(openReader(settings));
    reader.pragma('query_only = 0');
    expect(() => reader.exec('delete from links')).toThrow(/readonly/);
  });

  test('require an existing file', () => {
    expect(() => openReader(settingsFor(join(scratchFolder(), 'none.db')))).toThrow(/unable to open/);
  });

  test('do not exceed the maximum, and a warm one is handed out first', () => {
    opened(openWriter(settings));
    const pool = new ReaderPool(settings, 2);
    const [first, second] = [pool.lease(), pool.lease()];
    expect(() => pool.lease()).toThrow(ReadersExhaustedError);
    pool.release(first);
    expect([pool.open, pool.inUse]).toEqual([2, 1]);
    expect(pool.lease()).toBe(first);
    pool.release(second);
    expect(() => pool.release(second)).toThrow(/not lent/);
    expect(() =>
      pool.use(() => {
        throw new Error('in the middle of a read');
      }),
    ).toThrow('in the middle');
    expect(pool.inUse).toBe(1);
    pool.close();
    expect(pool.open).toBe(0);
  });
});

describe('a connection is refused', () => {
  test('where journal_mode has no effect: a database in memory has no WAL', () => {
    expect(() => openWriter(settingsFor(':memory:'))).toThrow(
      'SQLite runs this writer with journal_mode = memory, not wal.',
    );
  });

  test('where a setting is read back as another', () => {
    expect(() => openWriter({ ...settings, busyTimeoutMs: -5 })).toThrow(/busy_timeout = 0, not -5/);
    expect(() => openReader({ ...settings, busyTimeoutMs: -5 })).toThrow(/reader .*busy_timeout = 0, not -5/);
  });

  test('where the path is not a database, or not a file', () => {
    const folder = scratchFolder();
    writeFileSync(
      join(folder, 'text.db'),
      'no database, though as long as the head of one must be. '.repeat(40),
    );
    mkdirSync(join(folder, 'folder.db'));
    expect(() => openWriter(settingsFor(join(folder, 'text.db')))).toThrow(/not a database/);
    expect(() => openWriter(settingsFor(join(folder, 'folder.db')))).toThrow(/unable to open/);
    expect(() => openWriter(settingsFor(join(folder, 'text.db', 'below.db')))).toThrow();
  });
});
