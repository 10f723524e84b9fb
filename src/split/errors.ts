/** The errors of the split, and the form in which an error crosses between threads. */
import Database from 'better-sqlite3';
import { DiskFullError } from './disk-full.ts';
import type { QueueRefusal } from './refusal.ts';
import type { SentError } from './statements.ts';

/** The queue was full, or the deadline passed in it. Nothing was done: retry later. */
export class OverloadedError extends Error {
  /** Seconds until a retry makes sense, for a `Retry-After` header. */
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number) {
    super(`The database is overloaded; nothing was done. Retry after ${retryAfterSeconds} s.`);
    this.name = 'OverloadedError';
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/**
 * The database failed, or did not answer in time, while it may have been committing the write: read
 * before you retry.
 */
export class OutcomeUnknownError extends Error {
  constructor() {
    super('The outcome is unknown: the write may have been committed. Read before you retry.');
    this.name = 'OutcomeUnknownError';
  }
}

/** The database is closing, closed, or has lost its writer. Nothing was done. */
export class DatabaseClosedError extends Error {
  constructor() {
    super('The database is closed or closing; nothing was done.');
    this.name = 'DatabaseClosedError';
  }
}

/** A transaction was open for too long and was rolled back: it had no effect. */
export class TransactionTimeoutError extends Error {
  constructor() {
    super(
      'The transaction took too long and was rolled back, because every other write waits for it. A write by db instead of tx inside its callback waits for it too.',
    );
    this.name = 'TransactionTimeoutError';
  }
}

/** A statement that must not run through the queue. Nothing was done. */
export class StatementError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'StatementError';
  }
}

/** The error for a write that the writer did not finish. */
export function errorOfRefusal(refusal: QueueRefusal): Error {
  switch (refusal.kind) {
    case 'overloaded':
      return new OverloadedError(refusal.retryAfterSeconds);
    case 'disk_full':
      return new DiskFullError();
    case 'stopping':
      return new DatabaseClosedError();
    case 'outcome_unknown':
      return new OutcomeUnknownError();
  }
}

/**
 * An error in the form that crosses between threads: name, message and code only. Never throws,
 * whatever was thrown.
 */
export function toSent(error: unknown): SentError {
  try {
    if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
    const sent: SentError = { name: String(error.name), message: String(error.message) };
    return 'code' in error && typeof error.code === 'string' ? { ...sent, code: error.code } : sent;
  } catch {
    return { name: 'Error', message: 'The thrown value cannot be read as an error.' };
  }
}

/** An error as a reason for the operator. SQLite's code says more than its message. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error ? `${String(error.code)}: ${error.message}` : error.message;
}

const classes: Record<string, new (message: string) => Error> = { RangeError, StatementError, TypeError };

/** The error that the other thread threw; SQLite's own is a `SqliteError` with its code. */
export function fromSent({ name, message, code }: SentError): Error {
  if (name === 'SqliteError' && code !== undefined) return new Database.SqliteError(message, code);
  const error = new (classes[name] ?? Error)(message);
  error.name = name;
  return code === undefined ? error : Object.assign(error, { code });
}
