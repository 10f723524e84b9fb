/** Invalid SQL of operator code is refused with its reason, alone, and the writer goes on. */
import Database from 'better-sqlite3';
import { type SQL, sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { links } from '../../../drizzle/log.ts';
import * as schema from '../../../drizzle/schema.ts';
import { drops, items } from '../../../drizzle/schema.ts';
import type { QueueRefusal } from '../../../src/split/refusal.ts';
import { createSplitDatabase, type SplitDatabase } from '../../../src/split/replicas.ts';
import type { RunStatements } from '../../../src/split/statements.ts';
import { createDrop, noon, placeHold } from '../../support/commands.ts';
import { ScratchStore } from '../../support/scratch-store.ts';

let store: ScratchStore;
let db: SplitDatabase<typeof schema>;
/** The queue's answer in place of the writer's. */
let refusal: QueueRefusal | null;

beforeEach(() => {
  store = new ScratchStore();
  store.run(createDrop(), noon);
  store.run(placeHold('ann'), noon);
  refusal = null;
  db = createSplitDatabase(schema, {
    write: async (command) => refusal ?? store.run(command, noon),
    transaction: () => Promise.reject(new Error('No writer is here.')),
    readInParallel: () => Promise.reject(new Error('No read thread is here.')),
    reader: store.reader,
  });
});
afterEach(() => store[Symbol.dispose]());

/** The error of a refused call, by name and message. */
async function reasonOf(call: PromiseLike<unknown>): Promise<string> {
  const error = await Promise.resolve(call).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(Error);
  const { name, message } = error as Error;
  return `${name}: ${message}`;
}
const run = (statement: string | SQL) => () =>
  db.run(typeof statement === 'string' ? sql.raw(statement) : statement);
const counts = () => store.rows('select stock, held, price from items');

describe('a statement that is wrong', () => {
  test.each<[what: string, call: () => PromiseLike<unknown>, reason: RegExp]>([
    ['a rule of the schema', () => db.update(items).set({ stock: 0 }), /items_never_oversold/],
    ['a foreign key', () => db.delete(drops), /FOREIGN KEY/],
    ['the append-only log', () => db.update(links).set({ hash: 'x' }), /append-only/],
    ['its syntax', run('update items sett stock = 1'), /syntax error/],
    ['a table that is not there', run('update missing set x = 1'), /no such table/],
    ['a second statement after it', run('update items set stock = 9; delete from links'), /more than one/],
    ['an empty text', run('-- nothing'), /no statements/],
    [
      'a value without an SQLite type',
      run(sql`update items set stock = ${new Date(noon)}`),
      /TypeError: Parameter 1 is not a value that SQLite can store: Date/,
    ],
    [
      'a value that cannot be sent to the writer',
      run(sql`update items set stock = ${{ never: counts }}`),
      /not a value that SQLite can store: Object/,
    ],
    ['a value of another type', run("update items set stock = 'many'"), /cannot store TEXT/],
    ['a key that is not a number', run("insert into links values ('x', 'y')"), /datatype mismatch/],
    ['a value that is too large', run('select zeroblob(2000000000)'), /too big/],
    ['a conflict that would roll back all', run('insert or rollback into items select * from items'), /./],
  ])('by %s is refused and changes nothing', async (_, call, reason) => {
    const before = counts();
    expect(await reasonOf(call())).toMatch(reason);
    expect(counts()).toEqual(before);
    expect(store.run(placeHold('bob'), noon).kind).toBe('held');
  });

  test('rolls back the other statements of its batch', async () => {
    const batch = db.batch([db.update(items).set({ stock: 9 }), db.update(items).set({ stock: 0 })]);
    expect(await reasonOf(batch)).toMatch(/items_never_oversold/);
    expect(counts()).toEqual([{ stock: 5, held: 1, price: 1250 }]);
  });

  test('rolls back no other command of its commit', () => {
    const group = (...texts: string[]): RunStatements => ({
      kind: 'runStatements',
      statements: texts.map((text) => ({ sql: text, params: [], method: 'run' })),
    });
    const commands = [
      placeHold('bob'),
      group('update items set stock = 0'),
      group('update items set price = 7'),
      group('update items set price = 8', 'nonsense'),
      placeHold('eve'),
    ];
    const { outcomes } = store.runBatch(commands, noon);
    const kinds = ['held', 'statement_failed', 'statements_run', 'statement_failed', 'held'];
    expect(outcomes.map(({ kind }) => kind)).toEqual(kinds);
    expect(counts()).toEqual([{ stock: 5, held: 3, price: 7 }]);
  });
});

test("has SQLite's own error, with its code", async () => {
  await expect(db.update(items).set({ stock: 0 })).rejects.toMatchObject({
    name: 'SqliteError',
    code: 'SQLITE_CONSTRAINT_CHECK',
    message: expect.stringMatching(/^CHECK constraint failed/),
  });
  await expect(db.update(items).set({ stock: 0 })).rejects.toBeInstanceOf(Database.SqliteError);
});

test.each<[QueueRefusal, expected: object]>([
  [
    { kind: 'overloaded', retryAfterSeconds: 3 },
    { name: 'OverloadedError', retryAfterSeconds: 3 },
  ],
  [{ kind: 'disk_full' }, { name: 'DiskFullError' }],
  [{ kind: 'stopping' }, { name: 'DatabaseClosedError' }],
  [{ kind: 'outcome_unknown' }, { name: 'OutcomeUnknownError' }],
])('a refusal of the queue has its own error: %j', async (answer, expected) => {
  refusal = answer;
  await expect(db.run(sql`update items set stock = 9`)).rejects.toMatchObject(expected);
});

describe('what would end or escape the transaction that others share', () => {
  test.each([
    'commit',
    'COMMIT;',
    'begin',
    'Begin Immediate',
    'end',
    'rollback',
    'rollback to statements',
    'savepoint mine',
    'release statements',
    'pragma synchronous = 0',
    'pragma journal_mode = delete',
    "attach ':memory:' as other",
    'detach other',
    'vacuum',
    "vacuum into 'copy.db'",
    '  \n\t commit',
    '-- as if harmless\ncommit',
    '/* as if harmless */ commit',
    '/* one */-- two\n/* three */;;commit',
    '\uFEFFcommit',
  ])('is refused: %j', async (text) => {
    expect(await reasonOf(db.run(sql.raw(text)))).toContain('do not go through the queue');
    expect(store.writer.inTransaction).toBe(false);
    expect(store.run(placeHold('bob'), noon).kind).toBe('held');
  });

  test('is not mistaken in a harmless statement', async () => {
    await db.run(sql`update drops set title = 'commit'`);
    await db.run('create table more (id integer primary key on conflict rollback)');
    await db.run(sql`/* begin */ update drops set description = 'pragma; vacuum'`);
    const texts = store.rows('select title, description from drops');
    expect(texts).toEqual([{ title: 'commit', description: 'pragma; vacuum' }]);
  });
});
