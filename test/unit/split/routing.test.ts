/** Where each verb of `db` goes: reads to a reader, writes to the writer's queue. */
import { eq, gt, sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as schema from '../../../drizzle/schema.ts';
import { drops, items, orders } from '../../../drizzle/schema.ts';
import type { SqliteConnection } from '../../../src/split/connection.ts';
import { createSplitDatabase, type SplitDatabase } from '../../../src/split/replicas.ts';
import { createDrop, noon, placeHold } from '../../support/commands.ts';
import { ScratchStore } from '../../support/scratch-store.ts';

let store: ScratchStore;
let went: ('reader' | 'writer')[];
let db: SplitDatabase<typeof schema>;

/** The connection with its reads recorded. */
function noting(connection: SqliteConnection): SqliteConnection {
  const prepare = (text: string) => {
    const statement = connection.prepare(text);
    const noted =
      <Input extends unknown[], Output>(read: (...input: Input) => Output) =>
      (...input: Input): Output => {
        went.push('reader');
        return read(...input);
      };
    return Object.assign(statement, {
      get: noted(statement.get.bind(statement)),
      all: noted(statement.all.bind(statement)),
    });
  };
  return Object.create(connection, { prepare: { value: prepare } }) as SqliteConnection;
}

beforeEach(() => {
  store = new ScratchStore();
  store.run(createDrop(), noon);
  store.run(placeHold('ann'), noon);
  went = [];
  db = createSplitDatabase(schema, {
    write: async (command) => {
      went.push('writer');
      return store.run(structuredClone(command), noon);
    },
    transaction: () => Promise.reject(new Error('No writer is here.')),
    readInParallel: () => Promise.reject(new Error('No read thread is here.')),
    reader: noting(store.reader),
  });
});
afterEach(() => store[Symbol.dispose]());

const newDrop = {
  slug: 'other',
  title: 'Other',
  description: '',
  currency: 'EUR',
  startsAt: noon,
  holdSeconds: 60,
  published: true,
  paused: false,
  createdAt: noon,
};
const dear = () => db.$with('dear').as(db.select({ id: items.id }).from(items).where(gt(items.price, 1000)));
const isDear = sql`${items.id} in (select id from dear)`;

const verbs: Record<'reader' | 'writer', Record<string, () => unknown>> = {
  reader: {
    select: () => db.select().from(items),
    'select.get': () => db.select().from(items).get(),
    'select, prepared': () =>
      db
        .select()
        .from(items)
        .where(eq(items.id, sql.placeholder('id')))
        .prepare()
        .all({ id: 1 }),
    'select of a join': () => db.select().from(items).innerJoin(drops, eq(drops.id, items.dropId)),
    selectDistinct: () => db.selectDistinct({ id: items.dropId }).from(items),
    $count: () => db.$count(items),
    'query.findMany': () => db.query.items.findMany({ where: eq(items.id, 1) }),
    'query.findFirst': () => db.query.drops.findFirst(),
    'with.select': () => db.with(dear()).select().from(dear()),
    'with.selectDistinct': () => db.with(dear()).selectDistinct().from(dear()),
    all: () => db.all(sql`select id from items`),
    get: () => db.get(sql`select id from items`),
    values: () => db.values(sql`with dear as (select id from items) select id from dear`),
    'all of text': () => db.all('select id from items'),
  },
  writer: {
    insert: () => db.insert(drops).values(newDrop),
    'insert.returning': () => db.insert(drops).values(newDrop).returning(),
    'insert, prepared': () => db.insert(drops).values(newDrop).prepare().run(),
    update: () => db.update(items).set({ stock: 9 }).where(eq(items.id, 1)),
    delete: () => db.delete(orders).where(eq(orders.id, 1)),
    run: () => db.run(sql`update items set stock = 9`),
    'all, returning': () => db.all(sql`update items set stock = 9 returning id`),
    'get, returning': () => db.get(sql`update items set stock = 9 returning id`),
    'values, returning': () => db.values(sql`update items set stock = 9 returning id`),
    batch: () => db.batch([db.update(items).set({ stock: 9 }), db.select().from(items)]),
    'with.insert': () => db.with(dear()).insert(drops).values(newDrop),
    'with.update': () => db.with(dear()).update(items).set({ stock: 9 }).where(isDear),
    'with.delete': () => db.with(dear()).delete(orders).where(sql`units in (select id from dear)`),
  },
};

describe.each(['reader', 'writer'] as const)('to the %s', (side) => {
  test.each(Object.entries(verbs[side]))('%s', async (_, call) => {
    await call();
    expect(went).toEqual([side]);
  });
});

describe('results', () => {
  test('are the same from the reader and the writer', async () => {
    const [selected] = await db.select({ id: items.id, stock: items.stock }).from(items);
    const [returned] = await db
      .update(items)
      .set({ stock: 5 })
      .returning({ id: items.id, stock: items.stock });
    expect([selected, returned]).toEqual([
      { id: 1, stock: 5 },
      { id: 1, stock: 5 },
    ]);
    expect(await db.get(sql`select id from items where id = 9`)).toBeUndefined();
    expect(await db.select().from(items).where(eq(items.id, 9)).get()).toBeUndefined();
    expect(await db.$count(items)).toBe(1);
    expect(await db.values(sql`select id, stock from items`)).toEqual([[1, 5]]);
    expect(await db.all(sql`select id, stock from items`)).toEqual([{ id: 1, stock: 5 }]);
    const [byWriter] = await db.all(sql`update items set stock = 6 returning id, stock`);
    expect(byWriter).toEqual({ id: 1, stock: 6 });
    expect(await db.values(sql`update items set stock = 7 returning stock`)).toEqual([[7]]);
  });

  test('are synchronous on a reader', () => {
    expect(db.select({ stock: items.stock }).from(items).get()).toEqual({ stock: 5 });
    expect(db.select({ stock: items.stock }).from(items).all()).toEqual([{ stock: 5 }]);
    expect(db.query.items.findFirst({ columns: { stock: true } }).sync()).toEqual({ stock: 5 });
  });

  test('of a write count its rows, as better-sqlite3 does', async () => {
    expect(await db.insert(drops).values(newDrop)).toEqual({ changes: 1, lastInsertRowid: 2 });
    expect(await db.run(sql`update items set stock = 9`)).toMatchObject({ changes: 1 });
    expect(await db.update(items).set({ stock: 9 }).where(eq(items.id, 7)).run()).toMatchObject({
      changes: 0,
    });
  });

  test('of a batch are one per statement', async () => {
    const results = await db.batch([
      db.update(items).set({ stock: 8 }),
      db.select({ stock: items.stock }).from(items),
      db.insert(drops).values(newDrop).returning({ id: drops.id }),
      db.query.items.findFirst({ columns: { stock: true } }),
      db.get(sql`select stock from items`),
      db.values(sql`select stock from items`),
    ]);
    expect(results[0]).toMatchObject({ changes: 1 });
    expect(results.slice(1)).toEqual([[{ stock: 8 }], [{ id: 2 }], { stock: 8 }, { stock: 8 }, [[8]]]);
  });

  test('are typed by the schema, from the reader and the writer', async () => {
    expect((await db.select().from(drops).get())?.published).toBe(true);
    expect((await db.insert(drops).values(newDrop).returning().get()).paused).toBe(false);
  });
});

test('a write that reaches a reader fails with an error', () => {
  expect(() => store.reader.prepare('update items set stock = 99').run()).toThrow(/readonly/);
});
