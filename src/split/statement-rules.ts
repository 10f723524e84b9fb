/** Checks which SQL may run in a commit with other commands, and which values SQLite can store. */
import { StatementError } from './errors.ts';

// These would end, nest or escape the transaction that other commands share.
const transactionControl =
  /^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/|;)*(?:begin|commit|end|rollback|savepoint|release|attach|detach|pragma|vacuum)\b/i;

/** Throws if a statement would end or escape the transaction around it. */
export function mustStayInside(sql: string): void {
  if (transactionControl.test(sql)) {
    throw new StatementError(
      'Transactions, PRAGMA, ATTACH and VACUUM do not go through the queue. Use db.transaction(…), db.batch([…]) or a command.',
    );
  }
}

const savepoint = /^(?:savepoint|release savepoint|rollback to savepoint) sp\d+$/;

/** Whether a statement is one with which Drizzle nests a transaction. */
export const isSavepoint = (sql: string): boolean => savepoint.test(sql);

const isStorable = (value: unknown): boolean => {
  switch (typeof value) {
    case 'number':
    case 'string':
    case 'undefined':
      return true;
    case 'bigint':
      return BigInt.asIntN(64, value) === value;
    default:
      return value === null || ArrayBuffer.isView(value);
  }
};

/**
 * Throws a `TypeError` on the first value that SQLite has no type for: it must fail before it
 * reaches a shared batch.
 */
export function mustBeStorable(params: readonly unknown[]): void {
  const index = params.findIndex((value) => !isStorable(value));
  if (index === -1) return;
  const value = params[index];
  const type = typeof value === 'object' ? (value?.constructor?.name ?? 'object') : typeof value;
  throw new TypeError(
    `Parameter ${index + 1} is not a value that SQLite can store: ${type}. It stores numbers, strings, 64-bit bigints, bytes and null.`,
  );
}
