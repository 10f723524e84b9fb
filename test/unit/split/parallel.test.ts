/** `db.parallel`: reads on their own threads, bounded, fresh, and without a way to write. */
import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { count, eq, gt, sql } from 'drizzle-orm';
import { afterEach, describe, expect, test } from 'vitest';
import { DatabaseClosedError, OverloadedError } from '../../../src/split/open-split.ts';
import { items } from './schema.ts';
import { closeAll, openWithItems, type TestDb } from './split-under-test.ts';

afterEach(closeAll);

/** Keeps a core busy for about 30 ms. */
const long = sql.raw(
  'with recursive s(n) as (select 1 union all select n + 1 from s limit 300000) select max(n) as n from s',
);
const readLong = (db: TestDb) => db.parallel.get<{ n: number }>(long).execute();

describe('reads', () => {
  test('are awaited, with every builder of Drizzle, and have its types', async () => {
    const db = await openWithItems();
    const picture = Buffer.from([0, 255, 7]);
    const addedAt = new Date(1_700_000_000_123);
    await db.insert(items).values([{ name: 'one', picture, addedAt }, { name: 'two' }]);
    const { parallel } = db;
    const one = eq(items.name, 'one');
    const [row] = await parallel.select().from(items).where(one);
    expect(row).toEqual(db.select().from(items).where(one).get());
    expect(Buffer.isBuffer(row?.picture)).toBe(true);
    const name: string | undefined = (await parallel.select().from(items).where(one).get())?.name;
    expect(name).toBe('one');
    expect(await parallel.select().from(items).where(eq(items.name, 'none')).get()).toBeUndefined();
    expect(await parallel.selectDistinct({ stock: items.stock }).from(items)).toEqual([{ stock: 0 }]);
    expect(await parallel.$count(items, gt(items.id, 1))).toBe(1);
    expect((await parallel.query.items.findFirst({ where: one }))?.name).toBe('one');
    const newer = parallel.$with('newer').as(db.select().from(items).where(gt(items.id, 1)));
    expect((await parallel.with(newer).select().from(newer)).map((each) => each.name)).toEqual(['two']);
    expect(await parallel.all(sql`select name from items`)).toEqual([{ name: 'one' }, { name: 'two' }]);
    const prepared = parallel
      .select()
      .from(items)
      .where(eq(items.name, sql.placeholder('name')))
      .prepare();
    expect((await prepared.get({ name: 'two' }))?.id).toBe(2);
  });

  test('see every write that had resolved before them', async () => {
    const db = await openWithItems();
    for (let round = 1; round <= 50; round += 1) {
      await db.insert(items).values({ name: String(round) });
      expect(await db.parallel.$count(items)).toBe(round);
    }
  });

  test('of one batch see the same state', async () => {
    const db = await openWithItems();
    const counted = () => db.parallel.select({ n: count() }).from(items);
    let isOver = false;
    const writing = (async () => {
      for (let round = 0; !isOver; round += 1) await db.insert(items).values({ name: String(round) });
    })();
    const slow = db.select({ n: sql<number>`(${long})` }).from(sql`(select 1)`);
    const reading = db.parallel.batch([counted(), slow, counted()]);
    const [[before], , [after]] = await reading.finally(() => {
      isOver = true;
    });
    await writing;
    expect(after).toEqual(before);
    expect(await db.$count(items)).toBeGreaterThan(before?.n ?? 0);
  });

  test('leave the calling thread free', async () => {
    const db = await openWithItems();
    await db.parallel.$count(items);
    let turns = 0;
    let isOver = false;
    const turn = (): void => {
      turns += 1;
      if (!isOver) setImmediate(turn);
    };
    turn();
    expect((await readLong(db))?.n).toBe(300_000);
    isOver = true;
    expect(turns).toBeGreaterThan(100);
  });
});

describe('the number of readers', () => {
  test('is never exceeded, and further reads wait', async () => {
    const db = await openWithItems({ readers: 2, deadlineMs: 60_000 });
    const reading = [1, 2, 3, 4].map(() => readLong(db));
    expect(db.status()).toMatchObject({
      readersOpen: 2,
      readersInUse: 2,
      readThreadsOpen: 1,
      readQueueDepth: 3,
    });
    await Promise.all(reading);
    expect(db.status()).toMatchObject({
      readersOpen: 2,
      readersInUse: 1,
      readThreadsOpen: 1,
      readQueueDepth: 0,
    });
  });

  test('allows as many concurrent reads', async () => {
    const db = await openWithItems({ readers: 3, deadlineMs: 60_000 });
    const reading = [1, 2, 3, 4].map(() => readLong(db));
    expect(db.status()).toMatchObject({ readersOpen: 3, readThreadsOpen: 2, readQueueDepth: 2 });
    await Promise.all(reading);
  });

  test('of zero runs reads on the calling thread', async () => {
    const db = await openWithItems({ readers: 1 });
    await db.insert(items).values({ name: 'one' });
    const [[found], [again]] = await db.parallel.batch([
      db.parallel.select().from(items),
      db.parallel.select().from(items),
    ]);
    expect([found?.name, again?.name]).toEqual(['one', 'one']);
    expect(db.status()).toMatchObject({ readersOpen: 1, readThreadsOpen: 0 });
    await expect(db.parallel.all(sql`delete from items`)).rejects.toMatchObject({ name: 'StatementError' });
  });
});

test('a read that finds the queue full is refused as overloaded', async () => {
  const db = await openWithItems({ readers: 2, queueMax: 2, batchMax: 1, deadlineMs: 60_000 });
  const settled = await Promise.allSettled([1, 2, 3, 4].map(() => readLong(db)));
  expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected']);
  expect(settled.find((each) => each.status === 'rejected')?.reason).toBeInstanceOf(OverloadedError);
});

describe('a wrong statement', () => {
  test('fails alone, with the code of SQLite', async () => {
    const db = await openWithItems();
    const settled = await Promise.allSettled([
      db.parallel.$count(items),
      db.parallel.all(sql`select nothing from items`),
      db.parallel.all(sql`select json('{') from (select 1)`),
      db.parallel
        .select()
        .from(items)
        .where(eq(items.name, sql.param({}))),
      db.parallel.$count(items),
    ]);
    expect(settled.map((each) => (each.status === 'rejected' ? each.reason.name : each.status))).toEqual([
      'fulfilled',
      'SqliteError',
      'SqliteError',
      'TypeError',
      'fulfilled',
    ]);
    await expect(db.parallel.all(sql`select nothing from items`)).rejects.toMatchObject({
      code: 'SQLITE_ERROR',
    });
  });

  test.each([
    "insert into items (name) values ('x')",
    "insert into items (name) values ('x') returning id",
    'pragma query_only = off',
    'begin',
    "attach ':memory:' as more",
  ])('%s is refused', async (text) => {
    const db = await openWithItems();
    await expect(db.parallel.all(sql.raw(text))).rejects.toMatchObject({ name: 'StatementError' });
    expect(await db.parallel.$count(items)).toBe(0);
  });

  test('a write by its builder is refused at once', async () => {
    const db = await openWithItems();
    const untyped = db.parallel as unknown as Pick<TestDb, 'insert' | 'transaction'>;
    expect(() => untyped.insert(items)).toThrow('db.parallel only reads. Use db.insert.');
    expect(() => untyped.transaction(async () => undefined)).toThrow(/Use db.transaction/);
  });

  test('a thread that dies fails its own statement and is replaced', async () => {
    const db = await openWithItems({ readers: 2, deadlineMs: 60_000 });
    const started = once(process, 'worker') as Promise<[Worker]>;
    const dying = readLong(db);
    const waiting = db.parallel.$count(items);
    const [thread] = await started;
    await thread.terminate();
    await expect(dying).rejects.toThrow('The read thread was ended.');
    expect(await waiting).toBe(0);
    expect(db.status()).toMatchObject({ readersOpen: 2, readThreadsOpen: 1 });
  });
});

test('close answers accepted reads and refuses later ones', async () => {
  const db = await openWithItems({ readers: 2, deadlineMs: 60_000 });
  const reading = Promise.all([1, 2, 3].map(() => readLong(db)));
  const closed = db.close();
  await expect(db.parallel.$count(items)).rejects.toBeInstanceOf(DatabaseClosedError);
  expect((await reading).map((row) => row?.n)).toEqual([300_000, 300_000, 300_000]);
  await closed;
  expect(db.status()).toMatchObject({ isReady: false, readersOpen: 0, readThreadsOpen: 0 });
});
