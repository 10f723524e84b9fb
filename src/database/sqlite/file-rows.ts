/** The row source of a better-sqlite3 connection, and the audits of a file that are read through it. */
import Database from 'better-sqlite3';
import { openInPlace } from '../../split/file-in-place.ts';
import { auditRows, type Violation } from '../audit/audit.ts';
import type { RowSource } from '../row-source.ts';

/** Long reads over a connection that is in no transaction; one that is `readonly` will do. */
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
      // Not a commit: on a ruined file that one fails.
      connection.exec('rollback');
    }
  },
  integrityCheck: 'integrity_check',
  isUnreadable: (error): error is Error => error instanceof Database.SqliteError,
});

/** Every broken invariant that a connection sees, beside a live writer or without one. */
export const audit = (connection: Database.Database): Violation[] => auditRows(rowsOf(connection));

/** Lends a read-only connection to a file. Throws where the file is missing or is no database. */
export function readFile<T>(databaseFile: string, read: (connection: Database.Database) => T): T {
  const connection = openInPlace(databaseFile, { readonly: true, fileMustExist: true });
  try {
    return read(connection);
  } finally {
    connection.close();
  }
}

/** Audits a file by its path. Throws where it can't be opened. */
export const auditFile = (databaseFile: string): Violation[] => readFile(databaseFile, audit);
