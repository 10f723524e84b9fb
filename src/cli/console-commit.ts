/** Commits console actions into the database file, with or without a running server. */

import { mustBeCurrent } from '../database/sqlite/migrate.ts';
import { commitShopCommands } from '../database/sqlite/shop-commands.ts';
import type { AddOperator, LogAction, RevokeOperator } from '../domain/command.ts';
import type { OutcomeByCommand } from '../domain/outcome.ts';
import { openWriter, type SqliteConnection } from '../split/connection.ts';
import { mustHaveOneName } from '../split/other-names.ts';
import { connectionTo, mustExist } from './options.ts';

/** Commits one command with its event and its link of the chain, as the server would. */
export function commit<C extends AddOperator | RevokeOperator | LogAction>(
  connection: SqliteConnection,
  command: C,
): OutcomeByCommand[C['kind']] {
  const [outcome] = commitShopCommands(connection).commit([command], Date.now()).outcomes;
  if (outcome?.kind === 'command_failed')
    throw new Error(`The database rejected the write: ${outcome.reason}.`);
  return outcome as OutcomeByCommand[C['kind']];
}

/** Opens the file for writing. Throws unless it has this version's schema. */
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
