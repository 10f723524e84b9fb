/** What `openSplit` refuses to open, by option or path; and that it opens it afterwards. */
import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, test } from 'vitest';
import { DatabaseRefusedError, openSplit } from '../../../src/split/open-split.ts';
import * as schema from './schema.ts';
import { closeAll, newFile, open, openWithItems } from './split-under-test.ts';

afterEach(closeAll);

const folder = new URL('./wrong-commands/', import.meta.url);

describe('an option', () => {
  const file = newFile();
  test.each<[option: string, options: object, rule: RegExp]>([
    ['file', { schema }, /file must be the path of a file/],
    ['file', { schema, file: '' }, /file must be/],
    ['file', { schema, file: ':memory:' }, /file must be .* not :memory:/],
    ['file', { schema, file: 'file:app.db?mode=ro' }, /file must be .*not a URI/],
    ['file', { schema, file: '/not/there/app.db' }, /file must be in a folder that exists/],
    ['file', { schema, file: `${file} ` }, /file must not end with white space/],
    ['file', { schema, file: `${file}\0` }, /file must be the path of a file/],
    ['file', { schema, file: Object.create(null) }, /file must be .* not an object/],
    ['casing', { file, schema, casing: 'kebab' }, /casing must be 'snake_case' or 'camelCase'/],
    ['logger', { file, schema, logger: 'on' }, /logger must be true, false, or an object/],
    ['schema', { file }, /schema must be Drizzle's schema/],
    ['migrationsFolder', { file, schema, migrationsFolder: '/not/there' }, /migrationsFolder .*_journal/],
    ['readers', { file, schema, readers: 0 }, /readers must be a whole number from 1 to 1000, not 0/],
    ['readers', { file, schema, readers: '9' }, /readers must be a whole number .* not '9'/],
    ['synchronous', { file, schema, synchronous: 'OFF' }, /synchronous must be 'FULL' or 'NORMAL'/],
    ['busyTimeoutMs', { file, schema, busyTimeoutMs: -1 }, /busyTimeoutMs must be/],
    ['queueMax', { file, schema, queueMax: 1.5 }, /queueMax must be/],
    ['deadlineMs', { file, schema, deadlineMs: Infinity }, /deadlineMs must be/],
    ['batchMax', { file, schema, queueMax: 10, batchMax: 11 }, /batchMax must not exceed queueMax/],
    ['transactionTimeoutMs', { file, schema, transactionTimeoutMs: 0 }, /transactionTimeoutMs must be/],
    ['commands', { file, schema, commands: './commands.ts' }, /commands must be a URL/],
    ['onFault', { file, schema, onFault: 1 }, /onFault must be a function/],
    ['a name', { file, schema, reader: 1 }, /has no option reader; it has: file, schema, /],
  ])('that is invalid is named with its rule: %s %j', async (_, options, rule) => {
    const opening = openSplit(options as Parameters<typeof openSplit>[0]);
    await expect(opening).rejects.toThrow(rule);
    await expect(opening).rejects.toBeInstanceOf(TypeError);
  });
});

test.each([undefined, null, 'app.db'])('%s instead of the options is refused', async (options) => {
  const opening = openSplit(options as unknown as Parameters<typeof openSplit>[0]);
  await expect(opening).rejects.toThrow(/openSplit takes an object of options/);
});

describe('a commands module', () => {
  test.each([
    ['missing.ts', /cannot be loaded: /],
    ['throwing.ts', /cannot be loaded: Not today\./],
    ['async.ts', /commands\.wait is async/],
    ['none.ts', /exports no commands/],
    ['ending.ts', /cannot be loaded: The writer thread ended/],
    ['rejecting.ts', /cannot be loaded: Not handled\./],
    ['number.ts', /commands\.buy is not a function/],
  ])('that is invalid is named with its path, and the file opens afterwards: %s', async (name, reason) => {
    const file = newFile();
    const commands = new URL(name, folder);
    const opening = openSplit({ file, schema, commands });
    await expect(opening).rejects.toBeInstanceOf(DatabaseRefusedError);
    await expect(opening).rejects.toThrow(reason);
    await expect(opening).rejects.toThrow(fileURLToPath(commands));
    const db = await openWithItems({ file });
    expect(db.status().isReady).toBe(true);
  });
});

describe('a file', () => {
  test.each<[how: string, other: (file: string) => string]>([
    ['its own path', (file) => file],
    [
      'a symbolic link',
      (file) => {
        const other = join(dirname(file), 'other.db');
        symlinkSync(file, other);
        return other;
      },
    ],
    [
      'a hard link',
      (file) => {
        const other = join(dirname(file), 'other.db');
        linkSync(file, other);
        return other;
      },
    ],
    [
      'another way to its folder',
      (file) => {
        const folder = `${dirname(file)}-link`;
        symlinkSync(dirname(file), folder);
        return join(folder, 'app.db');
      },
    ],
  ])('that is open is refused by %s', async (_, otherName) => {
    const file = newFile();
    const db = await openWithItems({ file });
    const again = open({ file: otherName(file) });
    await expect(again).rejects.toThrow(/Another (?:server|program) has|has this file|hard link/);
    await db.run("insert into items (name) values ('still')");
    expect(db.status().isReady).toBe(true);
  });

  test('that is a folder or not a database is refused and unchanged', async () => {
    const file = newFile();
    writeFileSync(file, 'This is an e-mail and not a database, and it is long enough to be read as one.');
    await expect(open({ file })).rejects.toThrow(/not a database/);
    const other = newFile();
    mkdirSync(other);
    await expect(open({ file: other })).rejects.toBeInstanceOf(DatabaseRefusedError);
  });

  test('of another program is refused where it would be migrated', async () => {
    const file = newFile();
    const connection = new Database(file);
    connection.exec('create table theirs (x)');
    connection.close();
    const migrationsFolder = join(dirname(file), 'migrations');
    mkdirSync(join(migrationsFolder, 'meta'), { recursive: true });
    writeFileSync(join(migrationsFolder, 'meta/_journal.json'), '{"entries":[]}');
    await expect(open({ file, migrationsFolder })).rejects.toThrow(/another program/);
  });

  test('that was refused opens once it is closed elsewhere', async () => {
    const file = newFile();
    const first = await openWithItems({ file });
    await expect(open({ file })).rejects.toBeInstanceOf(DatabaseRefusedError);
    await first.close();
    expect((await open({ file })).status().isReady).toBe(true);
  });
});
