/** One database file under several names, each of which would have its own log in SQLite. */
import { existsSync, lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { holdAlone, type Release, takeLock } from './file-lock.ts';
import { rewriteAndSync } from './rewrite-and-sync.ts';

const MOUNT_POINT_FIELD = 4;
const mountTable = '/proc/self/mountinfo';

/**
 * Whether this very file, not a folder above it, is a mount point, as after `docker run -v
 * /data/shop.db:/app/shop.db`.
 */
function isMounted(realFile: string): boolean {
  if (!existsSync(mountTable)) return false;
  const escaped = realFile.replaceAll(
    /[ \t\n\\]/g,
    (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`,
  );
  return readFileSync(mountTable, 'utf8')
    .split('\n')
    .some((line) => line.split(' ')[MOUNT_POINT_FIELD] === escaped);
}

/** The number of hard links of a file; 0 if it does not exist. */
const namesOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.nlink ?? 0;

/**
 * Throws if a file has several hard links: another program might write to another log than the
 * server.
 */
export function mustHaveOneName(file: string): void {
  const names = namesOf(file);
  if (names > 1) {
    throw new Error(
      `${file} has ${names} names (hard links), and each would have a log of its own. Remove the others.`,
    );
  }
}

/**
 * Throws if a neighbour in the folder is the same file with a log that is not empty: this name
 * would be served without the log's rows.
 */
function refuseBesideLog(realFile: string): void {
  const folder = dirname(realFile);
  const { ino } = statSync(realFile);
  const isSameWithLog = (path: string): boolean =>
    path !== realFile &&
    statSync(path, { throwIfNoEntry: false })?.ino === ino &&
    (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
  const found = readdirSync(folder)
    .map((name) => join(folder, name))
    .find(isSameWithLog);
  if (found !== undefined) {
    throw new Error(
      `The last commits may be in ${found}-wal, the log of the same file: start the server on ${found}.`,
    );
  }
}

/**
 * Whether a lock in the system's temporary folder may be taken: every user can put something else
 * there, to block a start. Without the lock, only two starts at the same moment can miss each
 * other.
 */
function isOurs(file: string): boolean {
  const found = lstatSync(file, { throwIfNoEntry: false });
  return !found || (found.isFile() && (process.getuid === undefined || found.uid === process.getuid()));
}

/** Throws if another process has the file open under any name: connections lock the file. */
function refuseWhereOpen(realFile: string): void {
  const releaseFile = holdAlone(realFile);
  if (!releaseFile) {
    throw new Error(
      `Another program has this file open, perhaps under another of its ${namesOf(realFile)} names (hard links). Two servers would lose each other's writes.`,
    );
  }
  // The release copies the log of a dead process into the file.
  if (existsSync(`${realFile}-wal`)) rewriteAndSync(`${realFile}-wal`);
  releaseFile();
}

/**
 * Throws if a server may have the file under a name that its lock file does not cover. Returns
 * the release of a lock on the file's inode, which covers two starts at the same moment.
 */
export function lockOtherNames(realFile: string): Release {
  if (isMounted(realFile)) {
    throw new Error(
      `${realFile} is mounted as a single file, so its log stays outside the mount. Mount its folder instead.`,
    );
  }
  if (namesOf(realFile) < 2) return () => undefined;
  const { dev, ino } = statSync(realFile);
  const file = join(tmpdir(), `stampede-${dev}-${ino}.lock`);
  const release = isOurs(file) ? takeLock(file) : () => undefined;
  if (!release) throw new Error('Another server has this file under another name (hard link).');
  try {
    refuseWhereOpen(realFile);
    refuseBesideLog(realFile);
    return release;
  } catch (error) {
    release();
    throw error;
  }
}
