/** Checks whether a copy could replace the database: its schema, pages, audit and last event. */
import Database from 'better-sqlite3';
import { auditRows, CHECKS } from '../audit/audit.ts';
import type { RowSource } from '../row-source.ts';
import { rowsOf } from './file-rows.ts';
import { isCurrentFile } from './migrate.ts';

/** Progress of long work: bytes while a file is copied or summed, checks while it is audited. */
export interface FileProgress {
  step: 'copying' | 'checking' | 'summing';
  done: number;
  total: number;
}
export type ReportProgress = (progress: FileProgress) => void;

export interface CheckedCopy {
  /** 0 for an empty log. */
  lastSeq: number;
  /** Null for an empty log. */
  lastEventAt: number | null;
}

/** A file that is not sound; the reasons are for the operator of the machine. */
export class UnsoundFileError extends Error {
  constructor(reasons: readonly string[]) {
    const [first, ...others] = reasons;
    super(others.length === 0 ? first : `${first}; and ${others.length} more`);
    this.name = 'UnsoundFileError';
  }
}

/**
 * Throws `UnsoundFileError` if the file is not sound. A file that SQLite has just written needs
 * only `quick_check`, because its indexes were just built from its tables.
 */
export function checkCopy(
  file: string,
  integrityCheck: RowSource['integrityCheck'],
  report: ReportProgress,
): CheckedCopy {
  const connection = new Database(file, { readonly: true, fileMustExist: true });
  try {
    if (!isCurrentFile(connection)) {
      throw new UnsoundFileError(['its schema is older than that of this version of Stampede']);
    }
    let done = 0;
    const violations = auditRows({ ...rowsOf(connection), integrityCheck }, () => {
      done += 1;
      report({ step: 'checking', done, total: CHECKS });
    });
    if (violations.length > 0) throw new UnsoundFileError(violations);
    const last = connection
      .prepare<[], { seq: number; at: number }>('select seq, at from events order by seq desc limit 1')
      .get();
    return { lastSeq: last?.seq ?? 0, lastEventAt: last?.at ?? null };
  } finally {
    connection.close();
  }
}
