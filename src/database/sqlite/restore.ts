/** Restores a backup: verifies a copy, swaps it with the database, and keeps the old file. */
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import Database from 'better-sqlite3';
import { holdAlone, type Release } from '../../split/file-lock.ts';
import {
  FileInUseError,
  howToStop,
  lockFileOf,
  type ServerLock,
  takeServerLock,
} from '../../split/server-lock.ts';
import { notedSum, readChunks, sumFileOf, syncToDisk } from './backup-folder.ts';
import { type CheckedCopy, checkCopy, type ReportProgress } from './check-copy.ts';
import { type FileFacts, factsOf } from './replaced-file.ts';
import { acceptedHashes } from './restored-tokens.ts';

/** A restore that is refused; the message is for the operator. */
class RestoreRefusedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'RestoreRefusedError';
  }
}

export interface RestoreJob {
  kind: 'restore';
  backup: string;
  /** The path of the copy, in the folder of the database. */
  partial: string;
}

/** The path of a backup's copy until it is verified. */
export const restorePartialOf = (databaseFile: string): string => `${databaseFile}.restore.partial`;

const HEADER_BYTES = 100;
const magic = 'SQLite format 3\0';
const WAL_VERSION = 2;

/** Refuses a file whose header shows that it is no complete database. */
function refuseByHeader(header: Buffer, bytes: number): void {
  if (header.toString('latin1', 0, magic.length) !== magic) {
    throw new RestoreRefusedError('it is not an SQLite database');
  }
  const pageBytes = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16);
  const wholeBytes = pageBytes * header.readUInt32BE(28);
  if (bytes < wholeBytes) {
    throw new RestoreRefusedError(`it is truncated: it has ${bytes} bytes of ${wholeBytes}`);
  }
  if (header[18] === WAL_VERSION) {
    throw new RestoreRefusedError('it is a live database without its -wal file, so orders may be missing');
  }
}

/**
 * Copies and hashes in one pass, so that the checksum is of the written bytes; returns it and the
 * header.
 */
function copySummed({ backup, partial }: RestoreJob, bytes: number, report: ReportProgress) {
  const sum = createHash('sha256');
  const header = Buffer.alloc(HEADER_BYTES);
  // Fail if the file exists: another restore may be writing it.
  const descriptor = openSync(partial, 'wx');
  try {
    readChunks(backup, (chunk, done) => {
      if (done === chunk.length) chunk.copy(header);
      sum.update(chunk);
      for (let written = 0; written < chunk.length; ) written += writeSync(descriptor, chunk, written);
      report({ step: 'copying', done, total: bytes });
    });
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  return { sha256: sum.digest('hex'), header };
}

function copyAndCheck(job: RestoreJob, report: ReportProgress): CheckedCopy {
  const { backup, partial } = job;
  const found = statSync(backup, { throwIfNoEntry: false });
  if (!found?.isFile()) throw new RestoreRefusedError('there is no such file');
  const noted = notedSum(backup);
  if (noted === null) {
    const name = basename(backup);
    throw new RestoreRefusedError(
      `its checksum file ${basename(sumFileOf(backup))} is missing or names another file. If you know that the backup is complete, create one: sha256sum ${name} > ${name}.sha256`,
    );
  }
  const { sha256, header } = copySummed(job, found.size, report);
  if (sha256 !== noted) throw new RestoreRefusedError('its checksum does not match: the file is damaged');
  refuseByHeader(header, found.size);
  try {
    return checkCopy(partial, 'integrity_check', report);
  } catch (error) {
    if (error instanceof Error && !(error instanceof Database.SqliteError))
      throw new RestoreRefusedError(error.message);
    throw new RestoreRefusedError(`SQLite can't read it: ${error instanceof Error ? error.message : error}`);
  }
}

/**
 * Copies the backup to the partial file and verifies the copy. Throws `RestoreRefusedError` and
 * then leaves nothing behind. The time grows with the file, so run it in a thread of its own.
 */
export function copyProven(job: RestoreJob, report: ReportProgress = () => undefined): CheckedCopy {
  const isTaken = existsSync(job.partial);
  if (isTaken) {
    throw new RestoreRefusedError(
      `another restore is running. If it was killed, remove ${job.partial} first`,
    );
  }
  try {
    return copyAndCheck(job, report);
  } catch (error) {
    rmSync(job.partial, { force: true });
    throw error;
  }
}

const companions = ['', '-wal', '-shm', '-journal'];
/** The suffixes of a database's existing files. */
const partsOf = (databaseFile: string): string[] =>
  companions.filter((end) => existsSync(databaseFile + end));

/** A database that may be replaced. No server can open it until `letServersStart`. */
export interface Target {
  /** The real path of the file. */
  databaseFile: string;
  /** Hashes of the operator tokens that the old database accepts; null if it can't be read. */
  acceptedHashes: ReadonlySet<string> | null;
  /** Null if there is no old file. */
  replaced: FileFacts | null;
  /** Releases the old file. */
  releaseFile: Release;
  /** Lets servers start again. */
  release: Release;
}

function lockOut(databaseFile: string): ServerLock {
  try {
    return takeServerLock(databaseFile);
  } catch (error) {
    if (!(error instanceof FileInUseError)) throw error;
    throw new RestoreRefusedError(
      `a server has ${databaseFile} open. ${howToStop(lockFileOf(databaseFile))}`,
    );
  }
}

/**
 * Throws `RestoreRefusedError` if there is a database and `isForced` is not set, or if another
 * program has it open.
 */
export function claimTarget(file: string, isForced: boolean): Target {
  mkdirSync(dirname(file), { recursive: true });
  const databaseFile = existsSync(file) ? realpathSync(file) : file;
  const parts = partsOf(databaseFile);
  // A WAL or a journal alone counts too: SQLite would apply it to the new file.
  if (parts.length > 0 && !isForced) {
    const [first = ''] = parts;
    throw new RestoreRefusedError(
      `${databaseFile}${first} already exists. Use --force to move it aside and keep it`,
    );
  }
  const lock = lockOut(databaseFile);
  try {
    const accepted = parts.includes('') ? acceptedHashes(databaseFile) : null;
    const replaced = parts.includes('') ? factsOf(databaseFile) : null;
    // Shells and older versions do not use that lock.
    const releaseFile = parts.includes('') ? holdAlone(databaseFile) : () => undefined;
    if (!releaseFile)
      throw new RestoreRefusedError(`another program has ${databaseFile} open. Close it first`);
    const release = (): void => {
      releaseFile();
      lock.release();
    };
    return { databaseFile, acceptedHashes: accepted, replaced, releaseFile, release };
  } catch (error) {
    lock.release();
    throw error;
  }
}

const asideName = (databaseFile: string, ms: number): string =>
  `${databaseFile}.before-restore-${new Date(ms).toISOString().replaceAll(/[-:]|\.\d+/g, '')}`;

/** Moves the old database aside; returns its new path, and how to undo the move. */
function moveAside(
  { databaseFile, releaseFile }: Target,
  now: number,
): { aside: string | null; undo: () => void } {
  let aside = asideName(databaseFile, now);
  for (let later = now + 1_000; partsOf(aside).length > 0; later += 1_000) {
    aside = asideName(databaseFile, later);
  }
  const parts = partsOf(databaseFile);
  // Move the database first: an interruption must not leave it without its WAL, which may hold the
  // last orders.
  for (const end of parts) renameSync(databaseFile + end, aside + end);
  // Do this before the new file arrives: on closing, SQLite deletes a -wal of the old name.
  releaseFile();
  return {
    aside: parts.length > 0 ? aside : null,
    undo: () => {
      for (const end of parts) renameSync(aside + end, databaseFile + end);
    },
  };
}

/**
 * Renames the verified copy to the database; returns the path of the old database, null if there
 * was none. If that fails, throws and leaves the old database unchanged.
 */
export function exchange(target: Target, partial: string, now: number): string | null {
  const { databaseFile } = target;
  const { aside, undo } = moveAside(target, now);
  try {
    // Link instead of rename: a rename would overwrite a file that appears at this moment.
    linkSync(partial, databaseFile);
  } catch (error) {
    if (!existsSync(databaseFile)) undo();
    throw error;
  }
  rmSync(partial);
  syncToDisk(dirname(databaseFile));
  return aside;
}
