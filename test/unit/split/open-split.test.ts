/** The library in an application: immediate reads, writes after fsync, independent failures. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { eq, gt, sql } from 'drizzle-orm';
import { afterEach, describe, expect, test } from 'vitest';
import { DatabaseClosedError, OverloadedError, openSplit } from '../../../src/split/open-split.ts';
import * as schema from './schema.ts';
import { items } from './schema.ts';
import { closeAll, newFile, open, openWithItems } from './split-under-test.ts';

afterEach(closeAll);

describe('writes', () => {
  test('of a thousand callers are all stored, and each caller reads its own', async () => {
    const db = await openWithItems();
    const write = async (index: number) => {
      const name = `item ${index}`;
      await db.insert(items).values({ name });
      return db.select().from(items).where(eq(items.name, name)).get()?.name;
    };
    const names = await Promise.all(Array.from({ length: 1_000 }, (_, index) => write(index)));
    expect(names).toEqual(Array.from({ length: 1_000 }, (_, index) => `item ${index}`));
    expect(await db.$count(items)).toBe(1_000);
  });

  test('are seen by the next read, also in a turn that has read before', async () => {
    const db = await openWithItems();
    for (let round = 1; round <= 20; round += 1) {
      const before = db.select().from(items).all().length;
      const writing = db.insert(items).values({ name: String(round) });
      const seen = writing.then(() => db.select().from(items).all().length);
      expect(await seen).toBe(before + 1);
    }
  });

  test('that break a constraint fail alone, with their own code', async () => {
    const db = await openWithItems();
    const insert = (name: string, stock = 1) => db.insert(items).values({ name, stock });
    const settled = await Promise.allSettled([
      insert('one'),
      insert('one'),
      insert('two', -1),
      insert('three'),
    ]);
    const codes = settled.map((each) => (each.status === 'rejected' ? each.reason.code : each.status));
    expect(codes).toEqual(['fulfilled', 'SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_CHECK', 'fulfilled']);
    await expect(insert('one')).rejects.toBeInstanceOf(Database.SqliteError);
    expect(db.select({ name: items.name }).from(items).all()).toEqual([{ name: 'one' }, { name: 'three' }]);
  });

  test('of a value that SQLite cannot store fail alone and early', async () => {
    const db = await openWithItems();
    const wrong = [{}, () => 1, new Date(0), true, Symbol('x'), 2n ** 64n].map((value) =>
      db.run(sql`insert into items (name) values (${sql.param(value)})`),
    );
    const settled = await Promise.allSettled([...wrong, db.insert(items).values({ name: 'right' })]);
    const reasons = settled.map((each) => (each.status === 'rejected' ? each.reason.name : each.status));
    expect(reasons).toEqual([...wrong.map(() => 'TypeError'), 'fulfilled']);
  });

  test('in a batch are all applied or none', async () => {
    const db = await openWithItems();
    const [, added, found] = await db.batch([
      db.insert(items).values({ name: 'one' }),
      db.insert(items).values({ name: 'two' }).returning(),
      db.select().from(items).where(gt(items.id, 1)),
    ]);
    expect([added[0]?.name, found[0]?.name]).toEqual(['two', 'two']);
    const broken = db.batch([
      db.insert(items).values({ name: 'three' }),
      db.insert(items).values({ name: 'one' }),
    ]);
    await expect(broken).rejects.toMatchObject({ code: 'SQLITE_CONSTRAINT_UNIQUE' });
    expect(await db.$count(items)).toBe(2);
  });

  test('keep bytes and times as they were', async () => {
    const db = await openWithItems();
    const picture = Buffer.from([0, 255, 7]);
    const addedAt = new Date(1_700_000_000_123);
    const [row] = await db.insert(items).values({ name: 'one', picture, addedAt }).returning();
    expect(row).toMatchObject({ picture, addedAt });
    const raw = await db.all<{ picture: Buffer }>(sql`update items set stock = 2 returning picture`);
    expect(Buffer.isBuffer(raw[0]?.picture)).toBe(true);
    expect(db.select().from(items).get()).toEqual({ ...row, stock: 2 });
  });

  test('copy bytes at the call, and refuse a detached buffer', async () => {
    const db = await openWithItems();
    const picture = Buffer.from([1, 2]);
    const gone = new Uint8Array(2);
    const writing = db.insert(items).values({ name: 'one', picture }).returning().execute();
    picture.fill(0);
    structuredClone(gone.buffer, { transfer: [gone.buffer] });
    const settled = await Promise.allSettled([
      writing,
      db.run(sql`insert into items (name, picture) values ('two', ${gone})`),
      db.insert(items).values({ name: 'three' }),
    ]);
    expect(settled[0]).toMatchObject({ value: [{ picture: Buffer.from([1, 2]) }] });
    expect(settled[1]).toMatchObject({ reason: { name: 'TypeError' } });
    expect(settled[2].status).toBe('fulfilled');
  });

  test('beyond the queue’s bound are refused as overloaded and not executed', async () => {
    const db = await openWithItems({ queueMax: 2, batchMax: 1 });
    const settled = await Promise.allSettled(
      Array.from({ length: 9 }, (_, index) => db.insert(items).values({ name: String(index) })),
    );
    const refused = settled.filter((each) => each.status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    for (const { reason } of refused) expect(reason).toBeInstanceOf(OverloadedError);
    expect(refused[0]?.reason.retryAfterSeconds).toBe(1);
    expect(await db.$count(items)).toBe(9 - refused.length);
  });
});

describe('a statement that would bypass the queue is refused', () => {
  test.each(['pragma synchronous = off', "attach ':memory:' as more", 'begin', 'vacuum'])(
    '%s',
    async (text) => {
      const db = await openWithItems();
      await expect(db.run(sql.raw(text))).rejects.toMatchObject({ name: 'StatementError' });
      await expect(db.all(sql.raw(text))).rejects.toMatchObject({ name: 'StatementError' });
      expect(await db.$count(items)).toBe(0);
    },
  );

  test('a write on a reader', async () => {
    const db = await openWithItems();
    const { $client } = (db as unknown as { $replicas: [{ $client: Database.Database }] }).$replicas[0];
    expect(() => $client.prepare("insert into items (name) values ('x')").run()).toThrow(/readonly/);
  });
});

describe('onCommit', () => {
  test('is called with each commit before the writer is answered, and reads it', async () => {
    const db = await openWithItems();
    const seen: number[] = [];
    const end = db.onCommit(() => seen.push(db.select().from(items).all().length));
    db.select().from(items).all();
    await db.insert(items).values({ name: 'one' });
    expect(seen).toEqual([1]);
    end();
    await db.insert(items).values({ name: 'two' });
    expect(seen).toEqual([1]);
  });

  test('is called for a commit of another program', async () => {
    const file = newFile();
    const db = await openWithItems({ file });
    const committed = new Promise<void>((resolve) => db.onCommit(resolve));
    const other = new Database(file);
    other.exec("insert into items (name) values ('other')");
    other.close();
    await committed;
    expect(db.select().from(items).all()).toHaveLength(1);
  });
});

describe('close', () => {
  test('answers accepted writes and refuses later ones', async () => {
    const db = await openWithItems();
    const accepted = db.insert(items).values({ name: 'one' }).returning({ id: items.id });
    // Drizzle starts a query when it is awaited.
    const answered = accepted.then((rows) => rows);
    await new Promise((resolve) => setImmediate(resolve));
    const closing = db.close();
    await expect(db.insert(items).values({ name: 'two' })).rejects.toBeInstanceOf(DatabaseClosedError);
    await closing;
    expect(await answered).toEqual([{ id: 1 }]);
    expect(db.status().isReady).toBe(false);
    expect(() => db.select().from(items).all()).toThrow(/not open/);
    await db.close();
  });

  test('leaves one file, which opens again', async () => {
    const file = newFile();
    const first = await openWithItems({ file });
    await first.insert(items).values({ name: 'kept' });
    await first.close();
    const second = await open({ file });
    expect(second.select().from(items).get()?.name).toBe('kept');
    expect(second.status()).toMatchObject({ isReady: true, queueDepth: 0 });
  });
});

test('a schema alone is enough, without commands', async () => {
  const db = await openSplit({ file: newFile(), schema });
  await db.run(schema.createItems);
  await db.insert(items).values({ name: 'one' });
  await expect(db.command('buy')).rejects.toThrow(/no command buy/);
  await db.close();
});

test('opens in a program passed as text', async () => {
  const entry = new URL('../../../src/split/open-split.ts', import.meta.url);
  const program = `import { openSplit } from '${entry}';
    const db = await openSplit({ file: process.env.FILE, schema: {} });
    console.log((await db.get('select 7 as seven')).seven);
    await db.close();`;
  const words = process.versions.bun === undefined ? ['--input-type=module', '-e'] : ['-e'];
  const env = { ...process.env, FILE: newFile() };
  const { stdout } = await promisify(execFile)(process.execPath, [...words, program], { env });
  expect(stdout.trim()).toBe('7');
});
