/**
 * The simple form of a commands module: `export const commands = { buy(tx, input) {…} }`. Each
 * function runs in a savepoint of the group commit, so a function that throws undoes only its own
 * changes.
 */
import { type BetterSQLite3Database, drizzle } from 'drizzle-orm/better-sqlite3';
import { DrizzleError } from 'drizzle-orm/errors';
import type { DrizzleConfig } from 'drizzle-orm/utils';
import type { OpenCommands } from './commands.ts';
import type { SqliteConnection } from './connection.ts';
import { toSent } from './errors.ts';
import { guardCalls } from './inside-call.ts';
import { isStatementError } from './run-statements.ts';
import type { SentError } from './statements.ts';

type Schema = Record<string, unknown>;

/**
 * The Drizzle database on which a command runs its queries: synchronous, on the writer's
 * connection. Every call gets the same object, so hot statements can be prepared once. `query`
 * works if the module exports its `schema`.
 */
export type CommandTx<S extends Schema = Record<string, never>> = BetterSQLite3Database<S>;

/** A module's `commands`, whatever input each of them takes. */
export type CommandFunctions = Record<string, (tx: never, input: never) => unknown>;

/** One call on its way to the writer. */
export interface Call {
  kind: 'call';
  name: string;
  input: unknown;
}

export type CallOutcome = { kind: 'called'; output: unknown } | { kind: 'call_failed'; error: SentError };

/** The update of each commit of functions and SQL, which says only that it happened. */
export type Committed = true;

type Bound = (tx: CommandTx, input: unknown) => unknown;

/** The error to answer with: Drizzle wraps SQLite's own error for some calls. */
const unwrapped = (error: unknown): unknown =>
  error instanceof DrizzleError && error.cause instanceof Error ? error.cause : error;

/**
 * A copy of the output, which no later command can change before it crosses to the caller. Throws
 * unless the output is complete now and can cross between threads.
 */
function answerOf(name: string, output: unknown): unknown {
  if (output === null || !['object', 'function', 'symbol'].includes(typeof output)) return output;
  if (typeof (output as PromiseLike<unknown>).then === 'function') {
    // Its later statements are refused. That rejection must not stay unhandled: it would end the
    // thread.
    Promise.resolve(output).catch(() => undefined);
    throw new TypeError(`The command ${name} returned a promise. Commands must be synchronous.`);
  }
  try {
    return structuredClone(output);
  } catch {
    throw new TypeError(`The output of the command ${name} cannot cross between threads.`);
  }
}

/** Binds functions to the writer's connection. */
export function openFunctions(
  connection: SqliteConnection,
  functions: CommandFunctions,
  config: DrizzleConfig<Schema>,
): OpenCommands<Call, CallOutcome, Committed> {
  const guard = guardCalls(connection);
  const tx = drizzle(guard.connection, config) as unknown as CommandTx;
  const savepoint = connection.prepare('SAVEPOINT command');
  const release = connection.prepare('RELEASE command');
  const rollBack = connection.prepare('ROLLBACK TO command');

  const find = (name: string): Bound => {
    const found = Object.hasOwn(functions, name) ? functions[name] : undefined;
    if (found) return found as Bound;
    throw new TypeError(`There is no command ${name}; there are: ${Object.keys(functions).join(', ')}.`);
  };
  const call = ({ name, input }: Call): CallOutcome => {
    savepoint.run();
    try {
      const output = answerOf(
        name,
        guard.call(() => find(name)(tx, input)),
      );
      guard.mustBeSound();
      release.run();
      return { kind: 'called', output };
    } catch (error) {
      guard.mustBeSound();
      rollBack.run();
      release.run();
      return { kind: 'call_failed', error: toSent(unwrapped(error)) };
    }
  };

  return {
    begin: () => ({ run: call, reload: () => undefined, end: () => true, rollBack: () => undefined }),
    state: () => true,
    afterCommit: () => undefined,
    // What a savepoint can undo has already failed inside it; an error here has undone the whole
    // commit.
    failureOf: (error) => (isStatementError(error) ? { kind: 'call_failed', error: toSent(error) } : null),
  };
}
