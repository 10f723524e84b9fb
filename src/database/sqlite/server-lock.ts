/** One server for one file: a lock that the operating system gives back when its process ends, however it ends. */
import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Release, takeLock } from './file-lock.ts';

export interface ServerLock {
  release: Release;
}

/** The lock lies beside the file that is really meant, by whatever name it was called. */
function lockFileOf(file: string): string {
  const real = existsSync(file) ? realpathSync(file) : join(realpathSync(dirname(file)), basename(file));
  return `${real}.lock`;
}

/**
 * Takes the lock of a database file, or throws, in words for the operator, where another server has it. Programs that only look,
 * or write a little beside the server, do not take it.
 */
export function takeServerLock(file: string): ServerLock {
  const release = takeLock(lockFileOf(file));
  if (!release) throw new Error('Another server has this file: two would each believe in their own stock.');
  return { release };
}
