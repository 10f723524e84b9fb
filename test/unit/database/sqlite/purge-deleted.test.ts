/** The bytes of a deleted customer's data in the file and in its log. */
import { readFileSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { purgeDeleted, unfinishedSince } from '../../../../src/database/sqlite/purge-deleted.ts';
import { createCheckpointer } from '../../../../src/split/checkpoint.ts';
import { openReader } from '../../../../src/split/connection.ts';
import { createDrop, noon, placeHold, recordPayment } from '../../../support/commands.ts';
import { openShopFile } from '../../../support/open-shop-file.ts';
import { patienceMs } from '../../../support/patience.ts';
import { ScratchStore } from '../../../support/scratch-store.ts';

const buyers = 300;
const erase = (customer: string) =>
  ({ kind: 'eraseCustomer', actor: 'operator', customer, openOrders: [] }) as const;
const canaryOf = (buyer: number): string => `canary-${buyer}-end`;
/** A shuffle that is the same for the same `start`. */
const shuffled = (count: number, start: number): number[] => {
  let state = start;
  const keyed = Array.from({ length: count }, (_, value) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return { value, key: state };
  });
  return keyed.sort((one, other) => one.key - other.key).map(({ value }) => value);
};

/** Rows that grow in any order after their pages are full: SQLite splits pages, and moves rows. */
function sellTo(store: ScratchStore, start: number, addressOf: (buyer: number) => string): void {
  const items = [{ sku: 'one', name: 'One', price: 1250, stock: buyers }];
  store.run(createDrop({ items }), noon);
  for (let buyer = 0; buyer < buyers; buyer += 1) {
    const contact = {
      email: `${canaryOf(buyer)}@example.com`,
      name: null,
      phone: null,
      address: addressOf(buyer),
    };
    store.run(placeHold(`buyer-${buyer}`, { contact }), noon);
  }
  for (const buyer of shuffled(buyers, start)) {
    const orderId = buyer + 1;
    store.run(recordPayment(orderId), noon);
    const trackingCode = `T${'r'.repeat(98)}`;
    store.run({ kind: 'fulfilOrder', actor: 'operator', orderId, trackingCode }, noon);
  }
  store.writer.pragma('wal_checkpoint(TRUNCATE)');
}

const isInFile = (store: ScratchStore, text: string): boolean =>
  readFileSync(store.settings.file).includes(text);
const walBytes = (store: ScratchStore): number => statSync(`${store.settings.file}-wal`).size;

describe('a customer whose personal data is deleted', () => {
  test('leaves no bytes in the file after the next start, however its pages were split', () => {
    const left: string[] = [];
    for (const start of [1, 2, 3, 4]) {
      using store = new ScratchStore();
      sellTo(store, start, (buyer) => `${canaryOf(buyer)} ${'street '.repeat(buyer % 20)}`);
      for (let buyer = 0; buyer < buyers; buyer += 1) store.run(erase(`buyer-${buyer}`), noon);
      store.writer.pragma('wal_checkpoint(TRUNCATE)');
      if (isInFile(store, 'canary-')) left.push(`after ${start}`);
      openShopFile(store.settings).close();
      store.reopen();
      expect(isInFile(store, 'canary-')).toBe(false);
      expect(store.writer.pragma('user_version', { simple: true })).toBe(0);
    }
    // Otherwise the start would have nothing to do.
    expect(left).not.toEqual([]);
  });

  test('is purged by the first start with enough space', () => {
    using store = new ScratchStore();
    const minuteMs = 60_000;
    const since = (): number | null =>
      unfinishedSince(Number(store.writer.pragma('user_version', { simple: true })));
    store.run(createDrop(), noon);
    for (const [index, buyer] of ['ann', 'bob'].entries()) {
      store.run(placeHold(buyer), noon);
      store.run(erase(buyer), noon + index * 10 * minuteMs);
    }
    expect(since()).toBe(Math.floor(noon / minuteMs) * minuteMs);
    const { exec } = store.writer;
    for (const code of ['SQLITE_FULL', 'SQLITE_CANTOPEN', 'SQLITE_IOERR_SHMSIZE']) {
      store.writer.exec = () => {
        throw new Database.SqliteError('no room', code);
      };
      purgeDeleted(store.writer);
      expect(since()).not.toBeNull();
    }
    store.writer.exec = () => {
      throw new Database.SqliteError('broken', 'SQLITE_IOERR_READ');
    };
    expect(() => purgeDeleted(store.writer)).toThrow('broken');
    store.writer.exec = exec;
    // Another program's read keeps the old pages in the file.
    store.writer.pragma('busy_timeout = 0');
    const reader = openReader(store.settings);
    reader.exec('begin');
    reader.prepare('select count(*) from orders').get();
    purgeDeleted(store.writer);
    expect(since()).not.toBeNull();
    reader.exec('rollback');
    reader.close();
    purgeDeleted(store.writer);
    expect(since()).toBeNull();
  });

  test('causes a rewrite of the file only if they had orders', () => {
    using store = new ScratchStore();
    const isOwed = (): boolean => store.writer.pragma('user_version', { simple: true }) !== 0;
    store.run(createDrop(), noon);
    store.run(placeHold('ann'), noon);
    expect(store.run(erase('bob'), noon)).toMatchObject({ orders: 0 });
    expect(isOwed()).toBe(false);
    const { outcomes } = store.runBatch([erase('bob'), erase('ann'), erase('ann')], noon);
    expect(outcomes).toMatchObject([{ orders: 0 }, { orders: 1 }, { orders: 0 }]);
    expect(isOwed()).toBe(true);
    openShopFile(store.settings).close();
    expect(isOwed()).toBe(false);
    store.run(erase('ann'), noon);
    expect(isOwed()).toBe(false);
  });

  test('leaves nothing on overflow pages of a long address', () => {
    using store = new ScratchStore();
    const long = '漢'.repeat(980);
    sellTo(store, 1, (buyer) => `${long}${canaryOf(buyer)}`.repeat(2));
    expect(isInFile(store, canaryOf(7))).toBe(true);
    store.run(erase('buyer-7'), noon);
    store.writer.pragma('wal_checkpoint(TRUNCATE)');
    expect(isInFile(store, `${canaryOf(7)}@`)).toBe(false);
    expect(isInFile(store, canaryOf(7))).toBe(false);
    expect(isInFile(store, canaryOf(8))).toBe(true);
  });

  test('leaves nothing in the WAL after a while without commits', () => {
    using store = new ScratchStore();
    const checkpointer = createCheckpointer(store.writer, () => {
      store.writer.pragma('wal_checkpoint(PASSIVE)');
      checkpointer.afterCopy();
    });
    sellTo(store, 1, canaryOf);
    checkpointer.atRest();
    store.run(erase('buyer-7'), noon);
    checkpointer.emptyLog();
    expect(walBytes(store)).toBeGreaterThan(0);
    const reader = openReader(store.settings);
    reader.exec('begin');
    reader.prepare('select count(*) from orders').get();
    // Longer than any machine needs to find that a reader keeps the log.
    store.writer.pragma(`busy_timeout = ${patienceMs}`);
    const begunMs = performance.now();
    checkpointer.atRest();
    // A reader keeps the log, and the server does not wait for it.
    expect(performance.now() - begunMs).toBeLessThan(patienceMs);
    expect(store.writer.pragma('busy_timeout', { simple: true })).toBe(patienceMs);
    reader.exec('rollback');
    reader.close();
    checkpointer.atRest();
    expect(walBytes(store)).toBe(0);
    expect(isInFile(store, canaryOf(7))).toBe(false);
    store.run(erase('buyer-8'), noon);
    checkpointer.atRest();
    // The log is cut only after a deletion; otherwise it is kept, and overwritten.
    expect(walBytes(store)).toBeGreaterThan(0);
  });
});
