/** Warns about files with personal data that other users of the machine may read or write. */
import { statSync } from 'node:fs';
import type { Log } from '../log.ts';

const others = 0o077;

/**
 * Checks the database, its logs and its lock: a user who can read the lock file can hold it and
 * block the server.
 */
export function warnOfWideModes(databaseFile: string, log: Log): void {
  // Windows has no such modes.
  if (process.platform === 'win32') return;
  for (const file of ['', '-wal', '-shm', '.lock'].map((suffix) => databaseFile + suffix)) {
    const mode = (statSync(file, { throwIfNoEntry: false })?.mode ?? 0) & 0o777;
    if ((mode & others) === 0) continue;
    log.warn(
      { file, mode: mode.toString(8).padStart(4, '0') },
      'other users of this machine may open this file: run chmod go-rwx on it',
    );
  }
}
