/** One server for one file: a lock that the operating system gives back when its process ends, however it ends. */
import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { keepInPlace } from './file-in-place.ts';
import { type Release, takeLock } from './file-lock.ts';
import { lockOtherNames } from './other-names.ts';

export interface ServerLock {
  /** Takes the lock again where its file was removed. Throws where another server was faster. */
  keep(): void;
  release: Release;
}

/** The file that is meant, without symbolic links: the lock is beside it. */
const realPathOf = (file: string): string =>
  existsSync(file) ? realpathSync(file) : join(realpathSync(dirname(file)), basename(file));

/** The lock of a database file, which is given without symbolic links. */
export const lockFileOf = (realFile: string): string => `${realFile}.lock`;

/** A launcher such as npm does not pass a signal on: the server that it started goes on without it. */
export const howToStop = (lockFile: string): string =>
  `Stop it with SIGTERM to its own process, not to npm: \`lsof -t ${lockFile}\` prints the process id.`;

/** The message is for the operator. */
export class FileInUseError extends Error {
  constructor(lockFile: string) {
    super(`Another server has this file: two writers would lose each other's writes. ${howToStop(lockFile)}`);
    this.name = 'FileInUseError';
  }
}

/** The lock beside the file. An operator may take its file for a leftover and remove it. */
function takePathLock(lockFile: string): ServerLock {
  const take = () => {
    const release = takeLock(lockFile);
    if (!release) throw new FileInUseError(lockFile);
    return { release, mustBeInPlace: keepInPlace(lockFile) };
  };
  let held = take();
  return {
    keep() {
      try {
        held.mustBeInPlace();
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
 * Takes the lock of a database file, or throws, in words for the operator, where another server has it, under this name or
 * another one. Programs that only look, or write a little beside the server, do not take it.
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
