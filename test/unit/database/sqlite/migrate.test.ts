/** Migrations: one history to the schema, idempotent, and refused on files of other programs. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { describe, expect, test } from 'vitest';
import * as schema from '../../../../drizzle/schema.ts';
import { deploymentReads } from '../../../../src/database/deployment.ts';
import { migrateFile } from '../../../../src/database/sqlite/migrate.ts';
import { openWriter, type SqliteConnection } from '../../../../src/split/connection.ts';
import { createDrop, noon, placeHold, recordPayment } from '../../../support/commands.ts';
import { history, stoppedAt, versions } from '../../../support/older-file.ts';
import { openShopFile } from '../../../support/open-shop-file.ts';
import { scratchFolder } from '../../../support/scratch-folder.ts';
import { migratedFile, ScratchStore, settingsFor } from '../../../support/scratch-store.ts';

const tablesIn = (connection: SqliteConnection) =>
  connection
    .prepare<[], string>(
      "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by name",
    )
    .pluck()
    .all();
/** The tables that 0015_shard_names renamed. */
const renamed = new Map<unknown, string>([
  ['followers', 'subscribers'],
  ['late_deliveries', 'deferred_deliveries'],
  ['recent_letters', 'recent_mails'],
  ['customer_places', 'customer_shards'],
  ['deletion_places', 'deletion_shards'],
]);
/** The rows of a table as the newest schema has them. */
const withNewColumns = (rows: unknown): object[] =>
  JSON.parse(
    JSON.stringify(rows)
      .replaceAll('"key_place"', '"key_shard_id"')
      .replaceAll(
        /"item_id":(\d+),"quantity":(\d+),"unit_price":(\d+)/g,
        (_, item, quantity, price) =>
          `"items":"[[${item},${quantity},${price}]]","units":${quantity},"total":${quantity * price}`,
      ),
  );
const contentOf = (connection: SqliteConnection) =>
  tablesIn(connection).map((table) => [table, connection.prepare(`select * from "${table}"`).all()]);

describe('the schema', () => {
  test('has only STRICT tables', () => {
    using store = new ScratchStore();
    const tables = store.rows<{ name: string; strict: number }>(
      "select name, strict from pragma_table_list where schema = 'main' and type = 'table' and name not like 'sqlite_%'",
    );
    const ours = tables.filter(({ name }) => name !== '__drizzle_migrations');
    expect(ours.map(({ name }) => name).sort()).toEqual([
      'checkouts',
      'customer_shards',
      'deferred_deliveries',
      'deletion_shards',
      'deployment',
      'disputes',
      'drops',
      'early_movements',
      'events',
      'generations',
      'items',
      'link_requests',
      'links',
      'operator_keys',
      'operators',
      'orders',
      'payments',
      'recent_mails',
      'refunds',
      'subscribers',
    ]);
    expect(ours.filter(({ strict }) => strict !== 1)).toEqual([]);
  });

  test('is complete and valid', () => {
    using store = new ScratchStore();
    expect(store.rows('pragma integrity_check')).toEqual([{ integrity_check: 'ok' }]);
    expect(store.rows('pragma foreign_key_check')).toEqual([]);
  });
});

describe('a Stampede file', () => {
  test('is migrated again without harm', () => {
    using store = new ScratchStore();
    store.run(createDrop(), noon);
    store.run(placeHold('ann'), noon);
    store.run(recordPayment(1), noon);
    const before = contentOf(store.writer);
    migrateFile(store.writer);
    expect(contentOf(store.writer)).toEqual(before);
    expect(store.run(placeHold('bob'), noon).kind).toBe('held');
  });

  test('keeps the mark of its deployment, which no other file has', () => {
    using store = new ScratchStore();
    const mark = deploymentReads(drizzle(store.writer, { schema })).deploymentMark();
    expect(mark).toMatch(/^[0-9a-f]{32}$/);
    migrateFile(store.writer);
    expect(store.rows('select mark from deployment')).toEqual([{ mark }]);
    const older = stoppedAt('0005_refund_series');
    migrateFile(older);
    const ofOlder = older.prepare('select mark from deployment').pluck().get();
    expect(ofOlder).toMatch(/^[0-9a-f]{32}$/);
    expect(ofOlder).not.toBe(mark);
    older.close();
  });

  test.each(versions)('last migrated by %s is migrated and keeps its rows', (version) => {
    const connection = stoppedAt(version);
    const hasItemLists = version >= '0016';
    const ordered = hasItemLists
      ? "(id, drop_id, items, units, total, status, customer, fingerprint, created_at, hold_expires_at) values (1, 1, '[[1,2,1250]]', 2, 2500,"
      : '(id, drop_id, item_id, quantity, unit_price, status, customer, fingerprint, created_at, hold_expires_at) values (1, 1, 1, 2, 1250,';
    connection.exec(`
      insert into drops (id, slug, title, description, image_url, currency, per_customer, starts_at, ends_at,
        hold_seconds, published, paused, created_at) values (1, 'drop', 'A drop', '', null, 'EUR', null, ${noon}, null, 600, 1, 0, ${noon});
      insert into items values (1, 1, 'one', 'One', 1250, 5, 1, 0);
      insert into orders ${ordered} 'held', 'ann', 'f', ${noon}, ${noon + 1});
      insert into payments values (1, 1, 'sandbox', 'e', 'r', 'paid', 1250, 'EUR', ${noon});
      insert into refunds (id, payment_id, status, reason, amount, currency, attempts, next_attempt_at, created_at)
        values (1, 1, 'failed', 'operator', 1250, 'EUR', 3, ${noon}, ${noon});
      insert into events (seq, at, kind, actor) values (1, ${noon}, 'held', 'customer');
      insert into links values (1, 'hash');`);
    const before = contentOf(connection).filter(
      ([table]) => table !== '__drizzle_migrations' && table !== 'deployment',
    );
    migrateFile(connection);
    const after = new Map(contentOf(connection).map(([table, rows]) => [table, rows]));
    // Existing rows keep their values; new columns are added.
    for (const [table, rows] of before)
      expect(after.get(renamed.get(table) ?? table), String(table)).toMatchObject(withNewColumns(rows));
    expect(tablesIn(connection).filter((table) => table.startsWith('__'))).toEqual(['__drizzle_migrations']);
    expect(connection.pragma('foreign_key_check')).toEqual([]);
    expect(() => connection.exec('delete from orders')).toThrow(/FOREIGN KEY/);
    connection.close();
  });

  test('keeps its rows under the names of 0015_shard_names', () => {
    const connection = stoppedAt('0014_customer_places');
    connection.exec(`
      insert into followers values ('mail', 7);
      insert into late_deliveries values ('mail', 5, null, ${noon}, 2, ${noon});
      insert into recent_letters values (1, 'ann', 'money', 5, ${noon});
      insert into customer_places values ('ann', 3);
      insert into deletion_places values ('ann', 3, ${noon});
      insert into payments values (1, null, 'sandbox', 'e', 'r', 'paid', 1250, 'EUR', ${noon});
      insert into refunds (id, payment_id, status, reason, amount, currency, next_attempt_at, created_at, key_place)
        values (1, 1, 'failed', 'operator', 1250, 'EUR', ${noon}, ${noon}, 3);`);
    migrateFile(connection);
    const rowsOf = (table: string) => connection.prepare(`select * from ${table}`).all();
    expect(rowsOf('subscribers')).toEqual([{ name: 'mail', last_seq: 7 }]);
    expect(rowsOf('deferred_deliveries')).toMatchObject([{ subscriber: 'mail', seq: 5, attempts: 2 }]);
    expect(rowsOf('recent_mails')).toMatchObject([{ recipient: 'ann', allowance: 'money' }]);
    expect(rowsOf('customer_shards')).toEqual([{ customer: 'ann', shard_id: 3 }]);
    expect(rowsOf('deletion_shards')).toEqual([{ customer: 'ann', shard_id: 3, at: noon }]);
    expect(rowsOf('refunds')).toMatchObject([{ id: 1, key_shard_id: 3 }]);
    connection.close();
  });

  test.each([
    ['pending', 0, 0],
    ['pending', 48, 48],
    ['pending', 50, 48],
    ['failed', 48, 0],
    ['failed', 49, 48],
    ['sent', 96, 48],
  ])('gets the retry series of a refund that is %s after %i attempts', (status, attempts, seriesStart) => {
    const connection = stoppedAt('0004_failed_references');
    connection.exec(`
      insert into payments values (1, null, 'sandbox', 'e', 'r', 'paid', 1250, 'EUR', ${noon});
      insert into refunds (id, payment_id, status, reason, amount, currency, attempts, next_attempt_at, created_at)
        values (1, 1, '${status}', 'operator', 1250, 'EUR', ${attempts}, ${noon}, ${noon});`);
    migrateFile(connection);
    expect(connection.prepare('select series_start from refunds').all()).toEqual([
      { series_start: seriesStart },
    ]);
    connection.close();
  });

  test('of a newer version is refused and unchanged', () => {
    const connection = openWriter(settingsFor(migratedFile()));
    connection
      .prepare('insert into __drizzle_migrations (hash, created_at) values (?, ?)')
      .run('of tomorrow', (history.entries.at(-1)?.when ?? 0) + 1);
    const before = contentOf(connection);
    expect(() => migrateFile(connection)).toThrow(/newer schema/);
    expect(contentOf(connection)).toEqual(before);
    connection.close();
  });
});

describe('a file of another program', () => {
  test.each([
    'create table customers (id integer primary key)',
    'create virtual table words using fts5(word)',
  ])('is refused and unchanged: %s', (sql) => {
    const connection = openWriter(settingsFor(join(scratchFolder(), 'foreign.db')));
    connection.exec(sql);
    const before = tablesIn(connection);
    expect(() => migrateFile(connection)).toThrow(/another program/);
    expect(tablesIn(connection)).toEqual(before);
    connection.close();
  });
});

describe('an interrupted start', () => {
  /** A hot rollback journal: the file had this many pages before. */
  function journalOf(pages: number): Buffer {
    const journal = Buffer.alloc(512);
    Buffer.from('d9d505f920a163d7', 'hex').copy(journal);
    journal.writeUInt32BE(pages, 16);
    journal.writeUInt32BE(512, 20);
    journal.writeUInt32BE(4096, 24);
    return journal;
  }

  test('at the first page of a new file is repeated', () => {
    const file = join(scratchFolder(), 'drop.db');
    writeFileSync(file, Buffer.alloc(4096));
    writeFileSync(`${file}-journal`, journalOf(0));
    expect(() => openShopFile(settingsFor(file)).close()).not.toThrow();
    const connection = openShopFile(settingsFor(file));
    expect(tablesIn(connection)).toContain('orders');
    connection.close();
  });

  test('of another program leaves its file unchanged', () => {
    const file = join(scratchFolder(), 'drop.db');
    const theirs = Buffer.alloc(8192, 'theirs');
    writeFileSync(file, theirs);
    writeFileSync(`${file}-journal`, journalOf(1));
    expect(() => openShopFile(settingsFor(file))).toThrow();
    expect(readFileSync(file)).toEqual(theirs);
    expect(existsSync(`${file}-journal`)).toBe(true);
  });

  test('without its file is refused while the log of the file is there', () => {
    const file = join(scratchFolder(), 'drop.db');
    writeFileSync(`${file}-wal`, 'a log');
    expect(() => openShopFile(settingsFor(file))).toThrow('Put the file back');
    expect([existsSync(file), existsSync(`${file}-wal`)]).toEqual([false, true]);
  });
});
