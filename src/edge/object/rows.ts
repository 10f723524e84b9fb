/**
 * The row source of a Durable Object's SQLite. Single-threaded, so reads without an await are one
 * snapshot.
 */
import type { RowSource } from '../../database/row-source.ts';

export const rowsOfObject = (storage: DurableObjectStorage): RowSource => ({
  query<Row>(sql: string) {
    // The rows have the columns of the caller's SELECT, which TypeScript can't infer from SQL.
    return (...values) => storage.sql.exec(sql, ...values) as unknown as Iterable<Row>;
  },
  together: (read) => read(),
  // The platform does not allow the full integrity_check.
  integrityCheck: 'quick_check',
  // Storage errors have no code, only this text; our own errors do not contain it.
  isUnreadable: (error): error is Error => error instanceof Error && error.message.includes('SQLITE_'),
});
