/** Holds a name against the file that it was opened as: SQLite would go on with a file that was removed or replaced. */
import { statSync } from 'node:fs';
import Database from 'better-sqlite3';

const look = (path: string) => statSync(path, { throwIfNoEntry: false });

/**
 * Opens a database, but never an empty file beside a log: SQLite takes such a log for a leftover and removes it, with the
 * rows that it holds. The file may have been moved away, and the copy that takes its place have no page yet. Throws then,
 * and where the name came to mean another file meanwhile.
 */
export function openInPlace(file: string, options: Database.Options): Database.Database {
  const found = look(file);
  if (!found?.size && look(`${file}-wal`)?.size) {
    throw new Error(`The database file is gone, and its log ${file}-wal is still there: put the file back.`);
  }
  // It reads nothing yet, so nothing has been done to the log where this turns out to be another file.
  const connection = new Database(file, options);
  if (found && look(file)?.ino !== found.ino) {
    connection.close();
    throw new Error(`${file} was removed or replaced while it was being opened.`);
  }
  return connection;
}

/** Returns what throws where one of the files is not what is open here any more. To be called while all are there. */
export function keepInPlace(...files: readonly string[]): () => void {
  const places = files.map((path) => ({ path, inode: look(path)?.ino }));
  return () => {
    for (const { path, inode } of places) {
      if (look(path)?.ino !== inode) throw new Error(`${path} was removed or replaced while it was open.`);
    }
  };
}
