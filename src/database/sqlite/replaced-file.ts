/** The facts that a restore reads from the database that it replaces: its mark and moved drops. */
import Database from 'better-sqlite3';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import * as schema from '../../../drizzle/schema.ts';
import { keepDeploymentMark } from '../deployment.ts';
import { readFile } from './file-rows.ts';

export interface KnownDrop {
  id: number;
  slug: string;
}

export interface FileFacts {
  /** Null if the file has none or cannot be read. */
  mark: string | null;
  /** Drops that an export has marked as moved; empty if they cannot be read. */
  moved: readonly KnownDrop[];
}

const readColumns = <T>(file: string, sql: string): T[] => {
  try {
    return readFile(file, (connection) => connection.prepare<[], T>(sql).all());
  } catch {
    // An older schema, or a damaged file.
    return [];
  }
};

export const factsOf = (file: string): FileFacts => ({
  mark: readColumns<{ mark: string }>(file, 'select mark from deployment')[0]?.mark ?? null,
  moved: readColumns<KnownDrop>(file, 'select id, slug from drops where moved_at is not null order by id'),
});

/** Drops that are on sale in the copy, although the replaced file had marked them as moved. */
export function revivedDrops(copy: string, { moved }: FileFacts): string[] {
  const staying = readColumns<KnownDrop>(copy, 'select id, slug from drops where moved_at is null');
  return moved
    .filter(({ id, slug }) => staying.some((drop) => drop.id === id && drop.slug === slug))
    .map(({ slug }) => slug);
}

/**
 * Copies the replaced file's mark into a copy that has none. Returns whether the copy has another
 * mark, which it keeps.
 */
export function carryMark(copy: string, { mark }: FileFacts): boolean {
  if (mark === null) return false;
  const own = factsOf(copy).mark;
  if (own !== null) return own !== mark;
  const connection = new Database(copy, { fileMustExist: true });
  try {
    // Keep the journal in memory: a killed restore's journal file would be applied to the next copy
    // of this name.
    connection.pragma('journal_mode = memory');
    connection.pragma('synchronous = FULL');
    keepDeploymentMark(drizzle(connection, { schema }), mark);
  } finally {
    connection.close();
  }
  return false;
}
