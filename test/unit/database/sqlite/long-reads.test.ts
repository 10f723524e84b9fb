/** Long reads in their own threads: bounded, paced by their reader, cancellable. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LongReads } from '../../../../src/database/sqlite/long-reads.ts';
import { EXPORT_PAGE_ORDERS, LONG_READ_IDLE_MS, LONG_READS_MAX } from '../../../../src/limits.ts';
import type { ConnectionSettings } from '../../../../src/split/connection.ts';
import { ReadThreads } from '../../../../src/split/read-threads.ts';
import { ReaderPool } from '../../../../src/split/reader-pool.ts';
import { createDrop, noon, placeHold } from '../../../support/commands.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { ScratchStore, settingsFor } from '../../../support/scratch-store.ts';

const orders = 4 * EXPORT_PAGE_ORDERS;
const item = { sku: 'one', name: 'One', price: 1250, stock: 2 * orders };

let store: ScratchStore;
let pool: ReaderPool;
let clock: FakeClock;
let threads: ReadThreads;
let reads: LongReads;
beforeEach(() => {
  store = new ScratchStore();
  store.run(createDrop({ items: [item] }), noon);
  store.runBatch(
    Array.from({ length: orders }, (_, index) => placeHold(`buyer ${index}`)),
    noon,
  );
  pool = new ReaderPool(store.settings, 10);
  clock = new FakeClock();
  threads = threadsOf(store.settings, pool);
  reads = new LongReads((name, input) => threads.begin(name, input), clock);
});
afterEach(async () => {
  await reads.close();
  await threads.close();
  pool.close();
  store[Symbol.dispose]();
});

const functions = {
  href: new URL('../../../../src/database/sqlite/shop-reads.ts', import.meta.url).href,
  options: { secretKey: 'a key' },
};
/** None of them runs statements. */
const threadsOf = (connection: ConnectionSettings, readers: ReaderPool): ReadThreads =>
  new ReadThreads(
    { connection, functions, threadsMax: 1, waitingMax: 1, deadlineMs: 1_000 },
    readers,
    new FakeClock(),
  );
/** Threads at work. */
const busy = (): number => threads.counts().open - threads.counts().idle;

type Export = ReadableStreamDefaultReader<Uint8Array>;

function begin(): Export {
  const stream = reads.exportOrders(1);
  if (!stream) throw new Error('No place was free.');
  return stream.getReader();
}

async function readAll(reader: Export): Promise<string> {
  let text = '';
  for (let part = await reader.read(); !part.done; part = await reader.read())
    text += Buffer.from(part.value).toString();
  return text;
}

/** Waits until the thread has read ahead: only then a timer waits for its part to be read. */
async function settle(): Promise<void> {
  // The timer of the part that was just read has ended.
  await sleep(1);
  await expect.poll(() => clock.timers).toBe(1);
}

describe('an export', () => {
  test('has a line for every order, and then frees its place', async () => {
    const lines = (await readAll(begin())).split('\r\n');
    expect(lines).toHaveLength(1 + orders + 1);
    expect(lines.at(-1)).toBe('');
    await expect.poll(busy).toBe(0);
  });

  test('reads one page ahead of its reader and no more, and holds no snapshot meanwhile', async () => {
    const reader = begin();
    await reader.read();
    await settle();
    store.writer.exec("update orders set name = 'later'");
    expect(store.writer.pragma('wal_checkpoint(TRUNCATE)')).toEqual([{ busy: 0, log: 0, checkpointed: 0 }]);
    const text = await readAll(reader);
    expect(text.split('later').length - 1).toBe(orders - EXPORT_PAGE_ORDERS);
  });

  test('that is aborted frees its place for the next', async () => {
    const begun = Array.from({ length: LONG_READS_MAX }, begin);
    expect([reads.exportOrders(1), await reads.certify(1)]).toEqual([null, null]);
    expect(busy()).toBe(LONG_READS_MAX);
    await begun[0]?.cancel();
    expect(busy()).toBe(LONG_READS_MAX - 1);
    expect((await reads.certify(1))?.violations).toEqual([]);
    expect(clock.timers).toBeLessThanOrEqual(begun.length - 1);
  });

  test('that is no longer read is ended', async () => {
    const reader = begin();
    await reader.read();
    await settle();
    clock.advance(LONG_READ_IDLE_MS - 1);
    expect(busy()).toBe(1);
    clock.advance(1);
    await expect(readAll(reader)).rejects.toThrow('did not read the next part');
    await expect.poll(busy).toBe(0);
    expect(clock.timers).toBe(0);
  });

  test('ends with the store', async () => {
    const reader = begin();
    await reader.read();
    await reads.close();
    await expect(readAll(reader)).rejects.toThrow(/ended/);
    expect(busy()).toBe(0);
  });
});

test('long reads count among the readers', async () => {
  const full = new ReaderPool(store.settings, 1);
  const narrowThreads = threadsOf(store.settings, full);
  const narrow = new LongReads((name, input) => narrowThreads.begin(name, input), clock);
  const lent = full.lease();
  expect([await narrow.certify(1), narrow.exportOrders(1)]).toEqual([null, null]);
  full.release(lent);
  expect(full.open).toBe(1);
  full.close();
});

test('a failing thread fails only its own read', async () => {
  const brokenThreads = threadsOf(settingsFor('/nowhere/none.db'), pool);
  const broken = new LongReads((name, input) => brokenThreads.begin(name, input), clock);
  await expect(broken.certify(1)).rejects.toThrow(/open database|directory/);
  const stream = broken.exportOrders(1);
  await expect(stream?.getReader().read()).rejects.toThrow(/open database|directory/);
  await expect.poll(busy).toBe(0);
  expect((await reads.certify(1))?.violations).toEqual([]);
});
