/** The row source of a Durable Object's own SQLite: one thread, so whatever is read without a wait is one snapshot. */
import type { RowSource } from '../../database/row-source.ts';

export const rowsOfObject = (storage: DurableObjectStorage): RowSource => ({
  query<Row>(sql: string) {
    // The rows have the columns that the caller's SELECT names: SQL can't be typed from here.
    return (...values) => storage.sql.exec(sql, ...values) as unknown as Iterable<Row>;
  },
  together: (read) => read(),
  // The platform lets nobody run the longer one.
  integrityCheck: 'quick_check',
  // It throws plain errors without a code; ours have other names.
  isUnreadable: (error): error is Error => error instanceof Error && error.message.includes('SQLITE_'),
});
