/** The read threads: they end when idle, and run an application's functions part by part. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { OverloadedError } from '../../../src/split/errors.ts';
import { READ_THREAD_IDLE_MS } from '../../../src/split/limits.ts';
import { ReadThreads } from '../../../src/split/read-threads.ts';
import { ReaderPool } from '../../../src/split/reader-pool.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { migratedFile, settingsFor } from '../../support/scratch-store.ts';

const functions = { href: new URL('./reads.ts', import.meta.url).href, options: { greeting: 'hello' } };
let pool: ReaderPool;
let clock: FakeClock;
let threads: ReadThreads;
beforeEach(() => {
  const connection = settingsFor(migratedFile());
  pool = new ReaderPool(connection, 3);
  clock = new FakeClock();
  threads = new ReadThreads(
    { connection, functions, threadsMax: 2, waitingMax: 10, deadlineMs: 1_000 },
    pool,
    clock,
  );
});
afterEach(async () => {
  await threads.close();
  expect(clock.timers).toBe(0);
});

const one = () => threads.read([{ sql: 'select 1 as n', params: [], method: 'get' }]);

test('an idle thread ends and frees its place', async () => {
  await Promise.all([one(), one()]);
  expect(threads.counts()).toEqual({ open: 2, idle: 2, waiting: 0 });
  clock.advance(READ_THREAD_IDLE_MS - 1);
  await one();
  clock.advance(1);
  await expect.poll(() => pool.open).toBe(1);
  clock.advance(READ_THREAD_IDLE_MS);
  await expect.poll(() => pool.open).toBe(0);
  expect(await one()).toEqual([{ rows: [1] }]);
});

test('a read that waits until its deadline is refused, and one that has begun is answered', async () => {
  const sql =
    'with recursive s(n) as (select 1 union all select n + 1 from s limit 300000) select max(n) from s';
  const long = () => threads.read([{ sql, params: [], method: 'get' }]);
  const begun = Promise.all([long(), long()]);
  const waiting = expect(long()).rejects.toBeInstanceOf(OverloadedError);
  clock.advance(999);
  expect(threads.counts().waiting).toBe(1);
  clock.advance(50);
  await waiting;
  expect(await begun).toEqual([[{ rows: [300_000] }], [{ rows: [300_000] }]]);
});

describe('a function', () => {
  test('answers in parts, and its thread ends with it', async () => {
    const run = threads.begin('countTo', 2);
    expect([await run?.next(), await run?.next(), await run?.next()]).toEqual(['hello 1', 'hello 2', null]);
    await run?.end();
    expect(threads.counts()).toEqual({ open: 0, idle: 0, waiting: 0 });
    await expect(run?.next()).rejects.toThrow('The read was ended.');
  });

  test('that is ended while it works ends at once', async () => {
    const run = threads.begin('workForever', null);
    const ended = expect(run?.next()).rejects.toThrow('The read thread was ended.');
    await run?.end();
    await ended;
    expect(pool.open).toBe(0);
  });

  test('that throws, is unknown, or ends its thread fails alone', async () => {
    const failing = threads.begin('fail', null);
    await expect(failing?.next()).rejects.toThrow('It failed.');
    await failing?.end();
    await expect(threads.begin('nothing', null)?.next()).rejects.toThrow('has no nothing');
    await expect(threads.begin('quit', null)?.next()).rejects.toThrow('The read thread was ended.');
    expect(await one()).toEqual([{ rows: [1] }]);
  });

  test('starts only where a connection is free', () => {
    const runs = [1, 2, 3, 4].map(() => threads.begin('countTo', 1));
    expect(runs.map((run) => run !== null)).toEqual([true, true, true, false]);
  });

  test('blocks no statement that another thread may run', async () => {
    threads
      .begin('workForever', null)
      ?.next()
      .catch(() => undefined);
    expect(await one()).toEqual([{ rows: [1] }]);
  });
});
