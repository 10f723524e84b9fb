/** Distinguishes an error caused by one command's values from an error of the database itself. */
import type { CommandFailed } from './refusal.ts';

/** SQLite's codes for a refused value. All others are about the schema, the file or the disk. */
const valueRefused = /\bSQLITE_(?:CONSTRAINT|MISMATCH|TOOBIG|RANGE)(?:_[A-Z]+)?\b/;
/** How SQLite names a constraint and its columns. The rest of the message may quote a value. */
const namedConstraint = /\b[A-Z ]+ constraint failed(?:: (?!SQLITE_)[\w., ]+\w)?|\bcolumn \w+\.\w+/;

/**
 * The failure of one command; null if the database failed and its state is unknown. A `TypeError`
 * or `RangeError` is a driver's refusal of a value that SQLite has no type for, or a mistake in a
 * command: both fail only the command.
 */
export function failedCommandOf(error: unknown): CommandFailed | null {
  if (!(error instanceof Error)) return null;
  const { message } = error;
  // Drivers put the code into `code` or into the message.
  const code = valueRefused.exec('code' in error ? `${String(error.code)} ${message}` : message)?.[0];
  const isOfDriver = error instanceof TypeError || error instanceof RangeError;
  if (code === undefined && !isOfDriver) return null;
  return { kind: 'command_failed', reason: namedConstraint.exec(message)?.[0] ?? code ?? error.name };
}
