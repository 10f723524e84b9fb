/** Puts a backup in the place of the database: copied beside it and proven first, exchanged then; the old one is kept. */
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
import { type CheckedCopy, checkCopy, type Tell } from './check-copy.ts';
import { type FileFacts, factsOf } from './replaced-file.ts';
import { acceptedHashes } from './restored-tokens.ts';

/** The sentence is for whoever wants to restore. */
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

/** Where the copy of a backup lies until it is proven. */
export const restorePartialOf = (databaseFile: string): string => `${databaseFile}.restore.partial`;

const HEADER_BYTES = 100;
const magic = 'SQLite format 3\0';
const WAL_VERSION = 2;

/** What the first bytes of a database say about the whole. */
function refuseByHeader(header: Buffer, bytes: number): void {
  if (header.toString('latin1', 0, magic.length) !== magic) {
    throw new RestoreRefusedError('it is no SQLite database');
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

/** Copies while it reads, so that what was summed is what was written; returns the sum and the header. */
function copySummed({ backup, partial }: RestoreJob, bytes: number, tell: Tell) {
  const sum = createHash('sha256');
  const header = Buffer.alloc(HEADER_BYTES);
  // Another restore may be writing there.
  const descriptor = openSync(partial, 'wx');
  try {
    readChunks(backup, (chunk, done) => {
      if (done === chunk.length) chunk.copy(header);
      sum.update(chunk);
      for (let written = 0; written < chunk.length; ) written += writeSync(descriptor, chunk, written);
      tell({ step: 'copying', done, total: bytes });
    });
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  return { sha256: sum.digest('hex'), header };
}

function copyAndCheck(job: RestoreJob, tell: Tell): CheckedCopy {
  const { backup, partial } = job;
  const found = statSync(backup, { throwIfNoEntry: false });
  if (!found?.isFile()) throw new RestoreRefusedError('there is no such file');
  const noted = notedSum(backup);
  if (noted === null) {
    const name = basename(backup);
    throw new RestoreRefusedError(
      `${basename(sumFileOf(backup))} is not beside it, or names another file; if you know that it is whole: sha256sum ${name} > ${name}.sha256`,
    );
  }
  const { sha256, header } = copySummed(job, found.size, tell);
  if (sha256 !== noted) throw new RestoreRefusedError('its checksum does not fit: it was changed or damaged');
  refuseByHeader(header, found.size);
  try {
    return checkCopy(partial, 'integrity_check', tell);
  } catch (error) {
    if (error instanceof Error && !(error instanceof Database.SqliteError))
      throw new RestoreRefusedError(error.message);
    throw new RestoreRefusedError(`SQLite can't read it: ${error instanceof Error ? error.message : error}`);
  }
}

/**
 * Copies the backup to the partial file and proves the copy. Throws `RestoreRefusedError`, and leaves nothing then. Takes as long
 * as the file is large: for a thread of its own.
 */
export function copyProven(job: RestoreJob, tell: Tell = () => undefined): CheckedCopy {
  const isTaken = existsSync(job.partial);
  if (isTaken) {
    throw new RestoreRefusedError(
      `another restore is under way; if it was killed, remove ${job.partial} first`,
    );
  }
  try {
    return copyAndCheck(job, tell);
  } catch (error) {
    rmSync(job.partial, { force: true });
    throw error;
  }
}

const companions = ['', '-wal', '-shm', '-journal'];
/** What there is of a database: the ends of its names. */
const partsOf = (databaseFile: string): string[] =>
  companions.filter((end) => existsSync(databaseFile + end));

/** A database that may be replaced, and that no server opens meanwhile. */
export interface Target {
  /** The file that is really meant, by whatever name it was called. */
  databaseFile: string;
  /** Hashes of the operator tokens that it accepts; null if there is no old database, or it can't be read. */
  acceptedHashes: ReadonlySet<string> | null;
  /** Null where there is no old file. */
  replaced: FileFacts | null;
  /** Lets go of the old file. */
  letGo: Release;
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

/** Throws `RestoreRefusedError` where there is a database already and `isForced` is not set, and where anybody has it open. */
export function takeTarget(file: string, isForced: boolean): Target {
  mkdirSync(dirname(file), { recursive: true });
  const databaseFile = existsSync(file) ? realpathSync(file) : file;
  const parts = partsOf(databaseFile);
  // A WAL or a journal alone counts: SQLite would take it for the new file's own.
  if (parts.length > 0 && !isForced) {
    const [first = ''] = parts;
    throw new RestoreRefusedError(
      `there is ${databaseFile}${first} already: --force moves it aside and keeps it`,
    );
  }
  const lock = lockOut(databaseFile);
  try {
    const accepted = parts.includes('') ? acceptedHashes(databaseFile) : null;
    const replaced = parts.includes('') ? factsOf(databaseFile) : null;
    // Beside servers there are shells and older versions, which know nothing of that lock.
    const letGo = parts.includes('') ? holdAlone(databaseFile) : () => undefined;
    if (!letGo) throw new RestoreRefusedError(`another program has ${databaseFile} open: end it first`);
    const release = (): void => {
      letGo();
      lock.release();
    };
    return { databaseFile, acceptedHashes: accepted, replaced, letGo, release };
  } catch (error) {
    lock.release();
    throw error;
  }
}

const asideName = (databaseFile: string, ms: number): string =>
  `${databaseFile}.before-restore-${new Date(ms).toISOString().replaceAll(/[-:]|\.\d+/g, '')}`;

/** Moves the old database aside; returns where to, and how to take it back. */
function moveAside({ databaseFile, letGo }: Target, now: number): { aside: string | null; undo: () => void } {
  let aside = asideName(databaseFile, now);
  for (let later = now + 1_000; partsOf(aside).length > 0; later += 1_000) {
    aside = asideName(databaseFile, later);
  }
  const parts = partsOf(databaseFile);
  // The database first: an end in between must not leave it without its WAL, which may hold the last orders.
  for (const end of parts) renameSync(databaseFile + end, aside + end);
  // Before the new one comes: SQLite takes a -wal of the old name with it as it closes.
  letGo();
  return {
    aside: parts.length > 0 ? aside : null,
    undo: () => {
      for (const end of parts) renameSync(aside + end, databaseFile + end);
    },
  };
}

/**
 * Gives the proven copy the name of the database; returns where the old one is now, null where there was none. Throws where
 * that can't be, and leaves the old one as it was.
 */
export function exchange(target: Target, partial: string, now: number): string | null {
  const { databaseFile } = target;
  const { aside, undo } = moveAside(target, now);
  try {
    // Not a rename, which would overwrite a file that has come in this moment.
    linkSync(partial, databaseFile);
  } catch (error) {
    if (!existsSync(databaseFile)) undo();
    throw error;
  }
  rmSync(partial);
  syncToDisk(dirname(databaseFile));
  return aside;
}
