/** Transactions that stay open between statements: alone on the writer, time-limited, atomic. */
import { eq, sql } from 'drizzle-orm';
import { afterEach, describe, expect, test } from 'vitest';
import {
  DatabaseClosedError,
  OverloadedError,
  TransactionTimeoutError,
} from '../../../src/split/open-split.ts';
import { items } from './schema.ts';
import { add, closeAll, namesIn, newFile, open, openWithItems } from './split-under-test.ts';

afterEach(closeAll);

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const never = new Promise<never>(() => undefined);

describe('a transaction', () => {
  test('reads its own writes, and is visible to others only after its commit', async () => {
    const db = await openWithItems();
    const left = await db.transaction(async (tx) => {
      const [item] = await tx.insert(items).values({ name: 'one', stock: 2 }).returning();
      await tx
        .update(items)
        .set({ stock: sql`stock - 1` })
        .where(eq(items.id, item?.id ?? 0));
      expect(namesIn(db)).toEqual([]);
      expect(await tx.$count(items)).toBe(1);
      return (await tx.query.items.findFirst())?.stock;
    });
    expect(left).toBe(1);
    expect(namesIn(db)).toEqual(['one']);
    expect(db.status().transactions).toEqual({ waiting: 0, committed: 1, rolledBack: 0, timedOut: 0 });
  });

  test('that throws or is rolled back changes nothing, and its caller receives the error', async () => {
    const db = await openWithItems();
    const throwing = db.transaction(async (tx) => {
      await tx.insert(items).values({ name: 'one' });
      throw new Error('Not like this.');
    });
    await expect(throwing).rejects.toThrow('Not like this.');
    const rollingBack = db.transaction(async (tx) => {
      await tx.insert(items).values({ name: 'two' });
      tx.rollback();
    });
    await expect(rollingBack).rejects.toThrow('Rollback');
    expect(namesIn(db)).toEqual([]);
    expect(db.status().transactions).toMatchObject({ committed: 0, rolledBack: 2 });
  });

  test('continues after a failed statement', async () => {
    const db = await openWithItems();
    await db.transaction(async (tx) => {
      await tx.insert(items).values({ name: 'one' });
      await expect(tx.insert(items).values({ name: 'one' })).rejects.toMatchObject({
        code: 'SQLITE_CONSTRAINT_UNIQUE',
      });
      await expect(tx.run(sql`commit`)).rejects.toMatchObject({ name: 'StatementError' });
      await tx.insert(items).values({ name: 'two' });
    });
    expect(namesIn(db)).toEqual(['one', 'two']);
  });

  test('nests: an inner transaction can be rolled back alone', async () => {
    const db = await openWithItems();
    await db.transaction(async (tx) => {
      await tx.insert(items).values({ name: 'one' });
      const inner = tx.transaction(async (nested) => {
        await nested.insert(items).values({ name: 'two' });
        await nested.transaction(
          async (deeper) => void (await deeper.insert(items).values({ name: 'three' })),
        );
        nested.rollback();
      });
      await expect(inner).rejects.toThrow('Rollback');
      await tx.transaction(async (nested) => void (await nested.insert(items).values({ name: 'four' })));
    });
    expect(namesIn(db)).toEqual(['one', 'four']);
  });

  test('refuses concurrent nested transactions, which would undo each other’s writes', async () => {
    const db = await openWithItems();
    await db.transaction(async (tx) => {
      const nest = (name: string) =>
        tx.transaction(async (nested) => void (await nested.insert(items).values({ name })));
      const [first, second] = await Promise.allSettled([nest('one'), nest('two')]);
      expect(first.status).toBe('fulfilled');
      expect(second).toMatchObject({ reason: { name: 'StatementError' } });
      await nest('three');
    });
    expect(namesIn(db)).toEqual(['one', 'three']);
  });

  test('keeps other writes waiting, which run before the next transaction', async () => {
    const db = await openWithItems();
    const ended: string[] = [];
    const note = (name: string) => () => void ended.push(name);
    const hold = (name: string) =>
      db.transaction(async (tx) => {
        await tx.insert(items).values({ name });
        await sleep(50);
      });
    const first = hold('first').then(note('first'));
    const second = hold('second').then(note('second'));
    await sleep(20);
    const write = add(db, 'write').then(note('write'));
    const command = db.command('find', 'first').then(note('command'));
    await Promise.all([first, second, write, command]);
    expect(ended[0]).toBe('first');
    expect(ended.at(-1)).toBe('second');
    expect(namesIn(db)).toEqual(['first', 'write', 'second']);
  });

  test('runs alone when many callers open one', async () => {
    const db = await openWithItems();
    await db.insert(items).values({ name: 'one', stock: 0 });
    const increment = () =>
      db.transaction(async (tx) => {
        const [item] = await tx.select().from(items);
        await tx.update(items).set({ stock: (item?.stock ?? 0) + 1 });
      });
    await Promise.all([...Array.from({ length: 50 }, increment), add(db, 'two')]);
    expect(db.select().from(items).where(eq(items.name, 'one')).get()?.stock).toBe(50);
  });
});

describe('a transaction that takes too long', () => {
  test('is rolled back without waiting for its callback', async () => {
    const db = await openWithItems({ transactionTimeoutMs: 50 });
    const late = Promise.withResolvers<unknown>();
    const hanging = db.transaction(async (tx) => {
      await tx.insert(items).values({ name: 'hanging' });
      await sleep(200);
      await tx.insert(items).values({ name: 'late' }).catch(late.resolve);
    });
    const waiting = add(db, 'waiting');
    await expect(hanging).rejects.toBeInstanceOf(TransactionTimeoutError);
    await waiting;
    expect(await late.promise).toBeInstanceOf(TransactionTimeoutError);
    expect(namesIn(db)).toEqual(['waiting']);
    expect(db.status().transactions.timedOut).toBe(1);
    await db.transaction(async (tx) => void (await tx.insert(items).values({ name: 'next' })));
    expect(namesIn(db)).toEqual(['waiting', 'next']);
  });

  test('is reported once it has delayed others for long', async () => {
    const took: number[] = [];
    const db = await openWithItems({ onSlowTransaction: (tookMs) => took.push(tookMs) });
    await db.transaction(() => sleep(300));
    await db.transaction((tx) => tx.select().from(items));
    expect(took).toHaveLength(1);
    expect(took[0]).toBeGreaterThanOrEqual(290);
  });

  test('makes waiting writes fail as overloaded, unexecuted', async () => {
    const db = await openWithItems({ transactionTimeoutMs: 1_000, deadlineMs: 100 });
    const hanging = db.transaction(() => never);
    await sleep(20);
    const settled = await Promise.allSettled([
      db.transaction(async (tx) => void (await tx.insert(items).values({ name: 'second' }))),
      add(db, 'write').execute(),
      hanging,
    ]);
    const reasons = settled.map((each) => (each.status === 'rejected' ? each.reason : null));
    expect(reasons[0]).toBeInstanceOf(OverloadedError);
    expect(reasons[1]).toBeInstanceOf(OverloadedError);
    expect(reasons[2]).toBeInstanceOf(TransactionTimeoutError);
    expect(namesIn(db)).toEqual([]);
  });
});

describe('close', () => {
  test('waits for a transaction, and refuses the next one', async () => {
    const file = newFile();
    const db = await openWithItems({ file });
    const accepted = db.transaction(async (tx) => {
      await tx.insert(items).values({ name: 'one' });
      await sleep(50);
      await tx.insert(items).values({ name: 'two' });
    });
    await sleep(20);
    const closing = db.close();
    await expect(db.transaction(() => never)).rejects.toBeInstanceOf(DatabaseClosedError);
    await Promise.all([accepted, closing]);
    expect(namesIn(await open({ file }))).toEqual(['one', 'two']);
  });

  test('answers every caller, also those past their deadline', async () => {
    const db = await openWithItems({ deadlineMs: 50, transactionTimeoutMs: 10_000 });
    const hanging = db.transaction(() => never);
    const waiting = db.transaction(() => never);
    await sleep(20);
    const [first, second] = await Promise.allSettled([hanging, waiting, db.close()]);
    expect(first).toMatchObject({ reason: expect.any(DatabaseClosedError) });
    expect(second.status).toBe('rejected');
  });
});
