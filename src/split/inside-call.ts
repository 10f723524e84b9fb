/** Keeps a command inside its call: a later statement would be outside any transaction. */
import type Database from 'better-sqlite3';
import type { SqliteConnection } from './connection.ts';
import { StatementError } from './errors.ts';
import { isOfStatement } from './run-statements.ts';
import { isSavepoint, mustStayInside } from './statement-rules.ts';

export interface CallGuard {
  /** The writer's connection as a command sees it: it runs statements only during `call`. */
  connection: SqliteConnection;
  /** Runs one command. */
  call<T>(work: () => T): T;
  /** Throws the error that failed the database in the last call, even if the command caught it. */
  mustBeSound(): void;
}

/** Guards a connection whose statements a command may keep and use in later calls. */
export function guardCalls(connection: SqliteConnection): CallGuard {
  let isInCall = false;
  let fault: Error | null = null;
  const inCall =
    <Input extends unknown[], Output>(run: (...input: Input) => Output) =>
    (...input: Input): Output => {
      if (!isInCall) {
        throw new Error(
          'A command used its transaction after it had returned: commands must be synchronous.',
        );
      }
      // Otherwise statements after a fault that the command caught would be committed one by one.
      if (fault) throw fault;
      try {
        return run(...input);
      } catch (error) {
        // A conflict that is resolved by ROLLBACK has ended the transaction of the commit.
        const isOver = !isOfStatement(error) || !connection.inTransaction;
        if (error instanceof Error && isOver) fault ??= error;
        throw error;
      }
    };
  const refuse = (): never => {
    throw new StatementError(
      'A command must run its statements by tx, without exec, pragma, iterate or close.',
    );
  };
  const prepare = (sql: string): Database.Statement => {
    if (!isSavepoint(sql)) mustStayInside(sql);
    const statement = connection.prepare(sql);
    // `raw` and `pluck` return the statement itself, so they keep these methods.
    return Object.assign(statement, {
      run: inCall(statement.run.bind(statement)),
      get: inCall(statement.get.bind(statement)),
      all: inCall(statement.all.bind(statement)),
      // An open iterator would keep the connection busy for all later statements.
      iterate: refuse,
    });
  };
  return {
    connection: Object.create(connection, {
      prepare: { value: prepare },
      exec: { value: refuse },
      pragma: { value: refuse },
      close: { value: refuse },
    }) as SqliteConnection,
    call(work) {
      isInCall = true;
      fault = null;
      try {
        return work();
      } finally {
        isInCall = false;
      }
    },
    mustBeSound() {
      if (fault) throw fault;
      if (!connection.inTransaction) throw new Error('A command has ended the transaction of the commit.');
    },
  };
}
