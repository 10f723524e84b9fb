/** Functions of a commands module: results, errors, and that they undo only themselves. */
import { afterEach, describe, expect, test } from 'vitest';
import { items } from './schema.ts';
import { closeAll, namesIn, openWithItems } from './split-under-test.ts';

afterEach(closeAll);

describe('a command', () => {
  test('answers with its output after its commit', async () => {
    const db = await openWithItems();
    await db.insert(items).values({ name: 'one', stock: 3 });
    const bought = await Promise.all([db.command('buy', { id: 1 }), db.command('buy', { id: 1 })]);
    expect(bought).toEqual([{ left: 2 }, { left: 1 }]);
    expect(db.select().from(items).get()?.stock).toBe(1);
  });

  test('that throws is rolled back alone, and its caller receives the error', async () => {
    const db = await openWithItems();
    await db.insert(items).values({ name: 'one', stock: 1 });
    const settled = await Promise.allSettled([
      db.command('buy', { id: 1 }),
      db.command('buy', { id: 1 }),
      db.command('addTwice', 'two'),
      db.insert(items).values({ name: 'three' }),
    ]);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    expect(settled[1]).toMatchObject({
      reason: { name: 'SoldOutError', message: 'Item 1 is sold out.', code: 'sold_out' },
    });
    expect(settled[2]).toMatchObject({ reason: { name: 'SqliteError', code: 'SQLITE_CONSTRAINT_UNIQUE' } });
    expect(namesIn(db)).toEqual(['one', 'three']);
  });

  test('accepts and returns dates and bytes, and reads by the schema of its module', async () => {
    const db = await openWithItems();
    const addedAt = new Date(1_700_000_000_000);
    const added = await db.command('add', { name: 'one', addedAt, picture: new Uint8Array([1, 2]) });
    expect(added?.addedAt).toEqual(addedAt);
    expect(await db.command('find', 'one')).toEqual(added);
    expect(await db.command('find', 'two')).toBeUndefined();
  });

  test('nests transactions, and receives the same one each time', async () => {
    const db = await openWithItems();
    expect(await db.command('addNested', 'one')).toBe('undone');
    expect(namesIn(db)).toEqual(['one']);
    await db.command('keep');
    expect(await db.command('isKept')).toBe(true);
  });

  test.each(['promise', 'async', 'unsendable'] as const)(
    'that returns an unsupported value (%s) is rolled back',
    async (name) => {
      const db = await openWithItems();
      await expect(db.command(name, 'one')).rejects.toMatchObject({
        name: 'TypeError',
        message: expect.stringMatching(/returned a promise|cannot cross/),
      });
      await db.insert(items).values({ name: 'next' });
      expect(namesIn(db)).toEqual(['next']);
    },
  );

  test.each(['commit', 'rollback', 'pragma synchronous = 0'])(
    'cannot end the commit of others by %s',
    async (text) => {
      const db = await openWithItems();
      const [wrong, right] = await Promise.allSettled([
        db.command('control', text),
        db.insert(items).values({ name: 'one' }),
      ]);
      expect(wrong).toMatchObject({ reason: { name: 'StatementError' } });
      expect(right.status).toBe('fulfilled');
      expect(namesIn(db)).toEqual(['one']);
    },
  );

  test.each(['exec', 'pragma', 'close'] as const)('cannot bypass its transaction: %s', async (method) => {
    const db = await openWithItems();
    await expect(db.command('beneath', method)).rejects.toMatchObject({ name: 'StatementError' });
    await db.insert(items).values({ name: 'one' });
    expect(namesIn(db)).toEqual(['one']);
  });

  test.each(['null', 'bare', 'unreadable', 'symbol'] as const)(
    'that throws a value other than an Error fails alone: %s',
    async (what) => {
      const db = await openWithItems();
      const [thrown, written] = await Promise.allSettled([
        db.command('throwing', what),
        db.insert(items).values({ name: 'one' }),
      ]);
      expect(thrown).toMatchObject({ reason: expect.any(Error) });
      expect(written.status).toBe('fulfilled');
    },
  );

  test('answers with its output as it was at the return', async () => {
    const db = await openWithItems();
    const settled = await Promise.allSettled([
      db.command('shared'),
      db.command('shared'),
      db.command('add', { name: 'one' }),
    ]);
    expect(settled[0]).toEqual({ status: 'fulfilled', value: { calls: 1 } });
    expect(settled[1]).toMatchObject({ reason: { message: expect.stringContaining('cannot cross') } });
    expect(settled[2].status).toBe('fulfilled');
  });

  test('receives its input as it was at the call', async () => {
    const db = await openWithItems();
    const input = { name: 'one' };
    const adding = db.command('add', input);
    input.name = 'two';
    expect((await adding).name).toBe('one');
  });

  test('that does not exist, or whose input cannot be sent, is refused alone', async () => {
    const db = await openWithItems();
    const untyped = db as unknown as { command(name: string, input?: unknown): Promise<unknown> };
    await expect(untyped.command('sell')).rejects.toThrow(/no command sell; there are: buy, /);
    await expect(untyped.command('toString')).rejects.toThrow(/no command toString/);
    await expect(untyped.command('buy', () => 1)).rejects.toThrow(/input of the command buy/);
    await expect(untyped.command(Symbol('buy') as never)).rejects.toThrow(/name is a string/);
    expect(db.status().isReady).toBe(true);
  });

  test('is typed by its module', async () => {
    const db = await openWithItems();
    await db.insert(items).values({ name: 'one', stock: 1 });
    const { left }: { left: number } = await db.command('buy', { id: 1 });
    expect(left).toBe(0);
    // @ts-expect-error: the input is not what the command takes.
    await expect(db.command('buy', { number: 1 })).rejects.toThrow();
    // @ts-expect-error: there is no such command.
    await expect(db.command('sell', 1)).rejects.toThrow();
  });
});
