/** The row source of a better-sqlite3 connection, and the audits of a file that read through it. */
import Database from 'better-sqlite3';
import { openVerified } from '../../split/file-identity.ts';
import { auditRows, type Violation } from '../audit/audit.ts';
import type { RowSource } from '../row-source.ts';

/** Long reads over a connection that is in no transaction; a `readonly` one is enough. */
export const rowsOf = (connection: Database.Database): RowSource => ({
  query<Row>(sql: string) {
    const statement = connection.prepare<(string | number | null)[], Row>(sql);
    return (...values) => statement.iterate(...values);
  },
  together(read) {
    connection.exec('begin');
    try {
      return read();
    } finally {
      // Roll back, because a commit fails on a damaged file.
      connection.exec('rollback');
    }
  },
  integrityCheck: 'integrity_check',
  isUnreadable: (error): error is Error => error instanceof Database.SqliteError,
});

/** Every violation that a connection sees, with or without a running server. */
export const audit = (connection: Database.Database): Violation[] => auditRows(rowsOf(connection));

/** Lends a read-only connection to a file. Throws if the file is missing or is not a database. */
export function readFile<T>(databaseFile: string, read: (connection: Database.Database) => T): T {
  const connection = openVerified(databaseFile, { readonly: true, fileMustExist: true });
  try {
    return read(connection);
  } finally {
    connection.close();
  }
}

/** Audits a file by its path. Throws if it cannot be opened. */
export const auditFile = (databaseFile: string): Violation[] => readFile(databaseFile, audit);
