/** Databases of the library for one test each, closed after it. */
import { join } from 'node:path';
import { type OpenSplit, openSplit, type SplitOptions } from '../../../src/split/open-split.ts';
import { scratchFolder } from '../../support/scratch-folder.ts';
import type { commands } from './commands.ts';
import { commandsUrl } from './commands-url.ts';
import * as schema from './schema.ts';

export type TestDb = OpenSplit<typeof schema, typeof commands>;
type Options = Partial<SplitOptions<typeof schema, typeof commands>>;

const opened: TestDb[] = [];
/** Call it after each test: one process runs many files, and loads this one once. */
export const closeAll = async (): Promise<void> => {
  await Promise.all(opened.splice(0).map((db) => db.close()));
};

export const newFile = (): string => join(scratchFolder(), 'app.db');

/** A fault of the writer ends the test. */
export async function open(options: Options = {}): Promise<TestDb> {
  const db = await openSplit({
    file: newFile(),
    schema,
    commands: commandsUrl,
    onFault: (reason) => {
      throw new Error(reason);
    },
    ...options,
  });
  opened.push(db);
  return db;
}

/** Opens a database with the table of items. */
export async function openWithItems(options: Options = {}): Promise<TestDb> {
  const db = await open(options);
  await db.run(schema.createItems);
  return db;
}

/** The names of all items, oldest first. */
export const namesIn = (db: TestDb) =>
  db
    .select({ name: schema.items.name })
    .from(schema.items)
    .orderBy(schema.items.id)
    .all()
    .map(({ name }) => name);

/** An insert of an item, run when awaited. */
export const add = (db: TestDb, name: string) => db.insert(schema.items).values({ name });
