/** `migrationsFolder`: drizzle-kit's output is applied once, and refused where it would break. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { closeAll, newFile, open } from './split-under-test.ts';

afterEach(closeAll);

const split = '--> statement-breakpoint\n';
const tables = `create table owners (id integer primary key, name text not null);
${split}create table pets (id integer primary key, owner integer references owners(id) on delete cascade);
${split}insert into owners values (1, 'Ada');
${split}insert into pets values (1, 1), (2, 1);`;
/** As drizzle-kit recreates a table for a changed column. */
const ownersAnew = `PRAGMA foreign_keys=OFF;${split}CREATE TABLE __new_owners (id integer primary key, name text);
${split}INSERT INTO __new_owners SELECT id, name FROM owners;${split}DROP TABLE owners;
${split}ALTER TABLE __new_owners RENAME TO owners;${split}PRAGMA foreign_keys=ON;`;

interface Migration {
  when: number;
  tag: string;
  text: string;
}
const first = { when: 100, tag: '0000_first', text: tables };

/** Writes a folder as drizzle-kit does; returns its path. */
function folderOf(file: string, migrations: readonly Migration[]): string {
  const folder = join(dirname(file), 'migrations');
  mkdirSync(join(folder, 'meta'), { recursive: true });
  for (const { tag, text } of migrations) writeFileSync(join(folder, `${tag}.sql`), text);
  const entries = migrations.map(({ when, tag }, idx) => ({ idx, when, tag, breakpoints: true }));
  writeFileSync(join(folder, 'meta/_journal.json'), JSON.stringify({ dialect: 'sqlite', entries }));
  return folder;
}

/** A file of the first deployment, closed again. */
async function deployed(): Promise<string> {
  const file = newFile();
  await (await open({ file, migrationsFolder: folderOf(file, [first]) })).close();
  return file;
}

describe('a second deployment', () => {
  test('rebuilds a table and keeps the rows that refer to it', async () => {
    const file = await deployed();
    const second = { when: 200, tag: '0001_second', text: ownersAnew };
    const db = await open({ file, migrationsFolder: folderOf(file, [first, second]) });
    expect(await db.all('select id, owner from pets')).toEqual([
      { id: 1, owner: 1 },
      { id: 2, owner: 1 },
    ]);
    // Foreign keys are on again.
    await expect(db.run('insert into pets values (3, 9)')).rejects.toMatchObject({
      code: 'SQLITE_CONSTRAINT_FOREIGNKEY',
    });
  });

  test('that would leave dangling references is refused and rolled back', async () => {
    const file = await deployed();
    const text = `PRAGMA foreign_keys=OFF;${split}delete from owners;`;
    const second = { when: 200, tag: '0001_second', text };
    await expect(open({ file, migrationsFolder: folderOf(file, [first, second]) })).rejects.toThrow(
      /refer to missing rows/,
    );
    const db = await open({ file, migrationsFolder: folderOf(file, [first]) });
    expect(await db.all('select name from owners')).toEqual([{ name: 'Ada' }]);
  });

  test('that fails names its migration with SQLite’s reason, and is rolled back', async () => {
    const file = await deployed();
    const text = `create table toys (id integer);${split}alter table missing add column x;`;
    const second = { when: 200, tag: '0001_second', text };
    const opening = open({ file, migrationsFolder: folderOf(file, [first, second]) });
    await expect(opening).rejects.toThrow(/The migration 0001_second failed: no such table: missing/);
    const db = await open({ file, migrationsFolder: folderOf(file, [first]) });
    await expect(db.all('select * from toys')).rejects.toThrow(/no such table/);
  });

  test('with a migration that is older than the last one is refused instead of skipping it', async () => {
    const file = await deployed();
    const merged = { when: 50, tag: '0000_merged', text: 'create table toys (id integer)' };
    const opening = open({ file, migrationsFolder: folderOf(file, [merged, first]) });
    await expect(opening).rejects.toThrow(/The migration 0000_merged is older than the last one/);
  });
});

test.each(['{', '{}', 'null'])('an unreadable journal is named: %s', async (text) => {
  const file = newFile();
  const migrationsFolder = folderOf(file, [first]);
  writeFileSync(join(migrationsFolder, 'meta/_journal.json'), text);
  await expect(open({ file, migrationsFolder })).rejects.toThrow(`${migrationsFolder}/meta/_journal.json`);
});
