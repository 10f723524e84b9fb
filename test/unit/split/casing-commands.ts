/** The commands of a module whose columns have no explicit names. */
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { CommandTx } from '../../../src/split/open-split.ts';

const people = sqliteTable('people', {
  id: integer().primaryKey(),
  firstName: text().notNull(),
  managerId: integer(),
});

export const commands = {
  add: (tx: CommandTx, firstName: string) => tx.insert(people).values({ firstName }).returning().get(),
};
