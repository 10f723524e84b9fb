/** Statements that make SQLite roll back a whole commit fail alone, and the writer goes on. */
import { sql } from 'drizzle-orm';
import { afterEach, describe, expect, test } from 'vitest';
import { items } from './schema.ts';
import { add, closeAll, namesIn, openWithItems, type TestDb } from './split-under-test.ts';

afterEach(closeAll);

/** An application's own tables, as its migrations may have made them. */
async function openWithRules(): Promise<TestDb> {
  const db = await openWithItems();
  await db.run(`create table parts (
    id integer primary key, item integer references items(id) deferrable initially deferred) strict`);
  await db.run('create table names (name text unique on conflict rollback) strict');
  await db.run(`insert into names values ('taken')`);
  await db.run(`create trigger no_bad before insert on items when new.name = 'bad'
    begin select raise(rollback, 'No bad ones.'); end`);
  return db;
}

const wrong: [what: string, text: string, code: string][] = [
  ['a deferred foreign key', 'insert into parts (item) values (99)', 'SQLITE_CONSTRAINT_FOREIGNKEY'],
  ['ON CONFLICT ROLLBACK', `insert into names values ('taken')`, 'SQLITE_CONSTRAINT_UNIQUE'],
  ['OR ROLLBACK', `insert or/**/rollback into names values ('taken')`, 'SQLITE_CONSTRAINT_UNIQUE'],
  ['RAISE(ROLLBACK)', `insert into items (name) values ('bad')`, 'SQLITE_CONSTRAINT_TRIGGER'],
];

describe.each(wrong)('%s', (_, text, code) => {
  test('fails its statement alone', async () => {
    const db = await openWithRules();
    const names = Array.from({ length: 20 }, (__, index) => `item ${index}`);
    const settled = await Promise.allSettled([
      ...names.slice(0, 10).map((name) => add(db, name)),
      db.run(text),
      db.batch([add(db, 'of a batch'), db.run(text)]),
      ...names.slice(10).map((name) => add(db, name)),
    ]);
    const failed = settled.filter((each) => each.status === 'rejected');
    expect(failed.map(({ reason }) => [reason.name, reason.code])).toEqual([
      ['SqliteError', code],
      ['SqliteError', code],
    ]);
    expect(namesIn(db)).toEqual(names);
    expect(db.status().isReady).toBe(true);
  });

  test('fails a command alone, also one that catches the error', async () => {
    const db = await openWithRules();
    const settled = await Promise.allSettled([
      add(db, 'before'),
      db.command('control', text),
      db.command('controlCaught', text),
      db.command('add', { name: 'after' }),
    ]);
    expect(settled.map((each) => (each.status === 'rejected' ? each.reason.code : each.status))).toEqual([
      'fulfilled',
      code,
      code,
      'fulfilled',
    ]);
    expect(namesIn(db).toSorted()).toEqual(['after', 'before']);
  });

  test('rolls back a transaction, whose caller receives the error', async () => {
    const db = await openWithRules();
    const running = db.transaction(async (tx) => {
      await tx.insert(items).values({ name: 'inside' });
      await tx.run(sql.raw(text));
    });
    await expect(running).rejects.toMatchObject({ name: 'SqliteError', code });
    await add(db, 'after');
    expect(namesIn(db)).toEqual(['after']);
    expect(db.status().transactions).toMatchObject({ committed: 0, rolledBack: 1 });
  });
});

test('a missing savepoint fails its statement, and the transaction continues', async () => {
  const db = await openWithItems();
  await db.transaction(async (tx) => {
    await expect(tx.run(sql.raw('release savepoint sp7'))).rejects.toMatchObject({ code: 'SQLITE_ERROR' });
    await tx.insert(items).values({ name: 'one' });
  });
  expect(namesIn(db)).toEqual(['one']);
});
