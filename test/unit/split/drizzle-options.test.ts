/** Drizzle's own options apply on both sides. */
import { relations } from 'drizzle-orm';
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { afterEach, expect, test } from 'vitest';
import { commandsOf, openSplit } from '../../../src/split/open-split.ts';
import { newFile } from './split-under-test.ts';

const people = sqliteTable('people', {
  id: integer().primaryKey(),
  firstName: text().notNull(),
  managerId: integer(),
});
const peopleRelations = relations(people, ({ one }) => ({
  manager: one(people, { fields: [people.managerId], references: [people.id] }),
}));
const schema = { people, peopleRelations };
const commands = commandsOf<typeof import('./casing-commands.ts')>(
  new URL('./casing-commands.ts', import.meta.url),
);

const logged: [text: string, params: unknown[]][] = [];
const logger = { logQuery: (text: string, params: unknown[]) => void logged.push([text, params]) };
const open = () => openSplit({ file: newFile(), schema, commands, casing: 'snake_case', logger });
let db: Awaited<ReturnType<typeof open>>;
afterEach(() => db.close());

test('columns are named by `casing` on readers, on the writer, in transactions and in commands', async () => {
  db = await open();
  await db.run('create table people (id integer primary key, first_name text not null, manager_id integer)');
  const [ada] = await db.insert(people).values({ firstName: 'Ada' }).returning();
  expect(ada).toEqual({ id: 1, firstName: 'Ada', managerId: null });
  await db.transaction(async (tx) => {
    await tx.insert(people).values({ firstName: 'Bob', managerId: 1 });
    await tx.transaction(async (nested) => void (await nested.update(people).set({ firstName: 'Bo' })));
  });
  await db.batch([db.update(people).set({ firstName: 'Ada' }), db.select().from(people)]);
  expect(await db.command('add', 'Cleo')).toEqual({ id: 3, firstName: 'Cleo', managerId: null });
  const found = await db.query.people.findFirst({
    where: (row, { eq }) => eq(row.managerId, 1),
    with: { manager: true },
  });
  expect(found?.manager?.firstName).toBe('Ada');
});

test('each query of this thread is given to `logger`', async () => {
  db = await open();
  await db.run('create table people (id integer primary key, first_name text not null, manager_id integer)');
  logged.length = 0;
  await db.insert(people).values({ firstName: 'Ada' });
  await db.batch([db.update(people).set({ firstName: 'Bo' })]);
  await db.transaction(async (tx) => void (await tx.delete(people)));
  db.select({ id: people.id }).from(people).all();
  expect(logged).toEqual([
    ['insert into "people" ("id", "first_name", "manager_id") values (null, ?, null)', ['Ada']],
    ['update "people" set "first_name" = ?', ['Bo']],
    ['delete from "people"', []],
    ['select "id" from "people"', []],
  ]);
});
