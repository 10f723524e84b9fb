/** Commits what is done at the console into the file itself, beside a running server or without one. */

import { mustBeCurrent } from '../database/sqlite/migrate.ts';
import { commitShopCommands } from '../database/sqlite/shop-commands.ts';
import type { AddOperator, NoteAction, RevokeOperator } from '../domain/command.ts';
import type { OutcomeByCommand } from '../domain/outcome.ts';
import { openWriter, type SqliteConnection } from '../split/connection.ts';
import { mustHaveOneName } from '../split/other-names.ts';
import { connectionTo, mustExist } from './options.ts';

/** One command as a commit of its own: with its event and its link, as the server would write them. */
export function commit<C extends AddOperator | RevokeOperator | NoteAction>(
  connection: SqliteConnection,
  command: C,
): OutcomeByCommand[C['kind']] {
  const [outcome] = commitShopCommands(connection).commit([command], Date.now()).outcomes;
  if (outcome?.kind === 'command_failed') throw new Error(`The database refuses this: ${outcome.reason}.`);
  return outcome as OutcomeByCommand[C['kind']];
}

/** Lends a connection that writes, to a file of this version's schema. Throws on any other schema. */
export function writing<T>(file: string, work: (connection: SqliteConnection) => T): T {
  mustExist(file);
  mustHaveOneName(file);
  const connection = openWriter(connectionTo(file));
  try {
    mustBeCurrent(connection, file);
    return work(connection);
  } finally {
    connection.close();
  }
}
