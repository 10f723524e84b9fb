/** One server per file: a lock that the operating system releases when its process ends. */
import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createIdentityCheck } from './file-identity.ts';
import { type Release, takeLock } from './file-lock.ts';
import { lockOtherNames } from './other-names.ts';

export interface ServerLock {
  /** Takes the lock again if its file was removed. Throws if another server took it first. */
  keep(): void;
  release: Release;
}

/** The path without symbolic links: the lock file is in the real file's folder. */
const realPathOf = (file: string): string =>
  existsSync(file) ? realpathSync(file) : join(realpathSync(dirname(file)), basename(file));

/** The path of a database file's lock; `realFile` has no symbolic links. */
export const lockFileOf = (realFile: string): string => `${realFile}.lock`;

/** How to stop a server. A launcher such as npm does not pass a signal on to it. */
export const howToStop = (lockFile: string): string =>
  `Stop it with SIGTERM to its own process, not to npm: \`lsof -t ${lockFile}\` prints the process id.`;

/** Another server has the file. The message is for the operator. */
export class FileInUseError extends Error {
  constructor(lockFile: string) {
    super(`Another server has this file: two writers would lose each other's writes. ${howToStop(lockFile)}`);
    this.name = 'FileInUseError';
  }
}

/** Takes the lock in the file's folder. An operator may remove the lock file as a leftover. */
function takePathLock(lockFile: string): ServerLock {
  const take = () => {
    const release = takeLock(lockFile);
    if (!release) throw new FileInUseError(lockFile);
    return { release, checkIdentity: createIdentityCheck(lockFile) };
  };
  let held = take();
  return {
    keep() {
      try {
        held.checkIdentity();
      } catch {
        const { release } = held;
        held = take();
        release();
      }
    },
    release: () => held.release(),
  };
}

/**
 * Takes the lock of a database file. Throws, with a message for the operator, if another server has
 * the file, under this name or another one. Programs that only read, or make a few
 * writes while a server runs, do not take it.
 */
export function takeServerLock(file: string): ServerLock {
  const realFile = realPathOf(file);
  const path = takePathLock(lockFileOf(realFile));
  try {
    const releaseInode = lockOtherNames(realFile);
    return {
      keep: path.keep,
      release() {
        releaseInode();
        path.release();
      },
    };
  } catch (error) {
    path.release();
    throw error;
  }
}
