/** The four ways to open the plain application's database. */
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { commandsOf, openSplit } from '../../../src/split/open-split.ts';
import type { Database } from './app.ts';
import { purchase, purchaseAsync } from './purchase.ts';
import * as schema from './schema.ts';

export const ways = ['rollback', 'wal', 'transaction', 'command'] as const;
export type Way = (typeof ways)[number];

/** One connection in the handler's thread. */
function openPlain(source: string, pragmas: readonly string[]): Database {
  const db = drizzle({ connection: { source, timeout: 0 }, schema });
  for (const pragma of pragmas) db.$client.pragma(pragma);
  return {
    db,
    purchase: (input) => db.transaction((tx) => purchase(tx, input)),
    close: () => db.$client.close(),
  };
}

const commands = commandsOf<typeof import('./commands.ts')>(new URL('./commands.ts', import.meta.url));

export const openers: Record<Way, (file: string) => Database | Promise<Database>> = {
  rollback: (file) => openPlain(file, []),
  wal: (file) => openPlain(file, ['journal_mode = wal', 'synchronous = normal']),
  async transaction(file) {
    const db = await openSplit({ file, schema });
    return {
      db,
      purchase: (input) => db.transaction((tx) => purchaseAsync(tx, input)),
      close: () => db.close(),
    };
  },
  async command(file) {
    const db = await openSplit({ file, schema, commands });
    return { db, purchase: (input) => db.command('purchase', input), close: () => db.close() };
  },
};
