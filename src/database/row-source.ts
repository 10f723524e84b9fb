/** The port of long reads: SQL over one database, a row at a time, on whatever engine it lies. */

export type SqlValue = string | number | null;

/** Runs a prepared query with a value for each ?, in their order; the rows are read as they are taken. */
export type RunQuery<Row> = (...values: SqlValue[]) => Iterable<Row>;

export interface RowSource {
  /** Prepares a query whose rows have the columns of `Row`, in the order of its SELECT. */
  query<Row>(sql: string): RunQuery<Row>;
  /** Everything that `read` asks for comes from one snapshot. */
  together<T>(read: () => T): T;
  /** The pragma by which the engine lets its file be checked. */
  integrityCheck: 'integrity_check' | 'quick_check';
  /** Whether an error is the database's own: what it could not read. */
  isUnreadable(error: unknown): error is Error;
}

/** The first row, or undefined where there is none. */
export function firstRow<Row>(rows: Iterable<Row>): Row | undefined {
  for (const row of rows) return row;
  return undefined;
}
