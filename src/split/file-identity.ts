/** Detects a removed or replaced file, which SQLite would keep using. */
import { statSync } from 'node:fs';
import Database from 'better-sqlite3';

const statOf = (path: string) => statSync(path, { throwIfNoEntry: false });

/**
 * Opens a database, but never an empty file next to a log: SQLite would treat the log as a leftover
 * and delete it, with the rows in it. The file may have been moved, and the copy that replaces it
 * may not have a page yet. Throws in that case, and if the name came to mean another file
 * meanwhile.
 */
export function openVerified(file: string, options: Database.Options): Database.Database {
  const found = statOf(file);
  if (!found?.size && statOf(`${file}-wal`)?.size) {
    throw new Error(`The database file is missing, but its log ${file}-wal exists. Put the file back.`);
  }
  // The connection has read nothing yet, so the log is untouched if this turns out to be another
  // file.
  const connection = new Database(file, options);
  if (found && statOf(file)?.ino !== found.ino) {
    connection.close();
    throw new Error(`${file} was removed or replaced while it was being opened.`);
  }
  return connection;
}

/** Returns a check that throws if a file was removed or replaced. Call this while all exist. */
export function createIdentityCheck(...files: readonly string[]): () => void {
  const identities = files.map((path) => ({ path, inode: statOf(path)?.ino }));
  return () => {
    for (const { path, inode } of identities) {
      if (statOf(path)?.ino !== inode) throw new Error(`${path} was removed or replaced while it was open.`);
    }
  };
}
