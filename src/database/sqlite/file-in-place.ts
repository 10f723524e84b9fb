/** Notices that the file under a live writer was removed or replaced: SQLite would go on, and its commits would be nowhere. */
import { statSync } from 'node:fs';

const inodeOf = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.ino;

/** Returns what throws where the file or its WAL is not what is open here any more. To be called while both are there. */
export function keepInPlace(file: string): () => void {
  const places = [file, `${file}-wal`].map((path) => ({ path, inode: inodeOf(path) }));
  return () => {
    for (const { path, inode } of places) {
      if (inodeOf(path) !== inode) throw new Error(`${path} was removed or replaced while it was open.`);
    }
  };
}
