/** The port of long reads: SQL over one database, a row at a time, on any engine. */

export type SqlValue = string | number | null;

/** Runs a prepared query with a value for each ?, in order. Rows are read one by one, on demand. */
export type RunQuery<Row> = (...values: SqlValue[]) => Iterable<Row>;

export interface RowSource {
  /** Prepares a query whose rows have the columns of `Row`, in the order of its SELECT. */
  query<Row>(sql: string): RunQuery<Row>;
  /** Runs `read`, with all its queries on one snapshot. */
  together<T>(read: () => T): T;
  /** The pragma with which the engine can check its file. */
  integrityCheck: 'integrity_check' | 'quick_check';
  /** Whether an error means that the database could not read its own data. */
  isUnreadable(error: unknown): error is Error;
}

/** The first row, or undefined if there is none. */
export function firstRow<Row>(rows: Iterable<Row>): Row | undefined {
  for (const row of rows) return row;
  return undefined;
}
