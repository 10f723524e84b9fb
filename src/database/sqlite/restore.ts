/** Puts a backup in the place of the database: copied beside it and proven first, exchanged then; the old one is kept. */
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import Database from 'better-sqlite3';
import { notedSum, readChunks, sumFileOf, syncToDisk } from './backup-folder.ts';
import { type CheckedCopy, checkCopy, type Tell } from './check-copy.ts';
import { holdAlone, type Release } from './file-lock.ts';

/** The sentence is for whoever wants to restore. */
export class RestoreRefusedError extends Error {
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
  mkdirSync(dirname(partial), { recursive: true });
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

const companions = ['', '-wal', '-shm'];
const partsOf = (databaseFile: string): string[] =>
  companions.filter((end) => existsSync(databaseFile + end));

/** A database that is to be replaced. */
export interface Target {
  databaseFile: string;
  /** What there is of the old one: the ends of its names. */
  parts: readonly string[];
  /** Ends the lock on the old one. */
  release: Release;
}

export interface TargetOptions {
  /** May an old database be moved aside. */
  isForced: boolean;
  /** Keeps the old database to the caller; null where somebody has it open. */
  hold?: (databaseFile: string) => Release | null;
}

/** Makes sure that a database may be replaced, and that no server opens it until then. Throws `RestoreRefusedError`. */
export function takeTarget(databaseFile: string, { isForced, hold = holdAlone }: TargetOptions): Target {
  const parts = partsOf(databaseFile);
  // A WAL alone counts: SQLite would take it for the new file's own.
  if (parts.length > 0 && !isForced) {
    const names = parts.map((end) => databaseFile + end).join(', ');
    throw new RestoreRefusedError(`there is ${names} already: --force moves it aside and keeps it`);
  }
  const release = parts.includes('') ? hold(databaseFile) : () => undefined;
  if (!release) {
    throw new RestoreRefusedError(`${databaseFile} is open in another process: stop the server first`);
  }
  return { databaseFile, parts, release };
}

/**
 * Gives the proven copy the name of the database; returns where the old one is now, null where there was none. Throws
 * `RestoreRefusedError` where another database has come meanwhile.
 */
export function exchange(
  { databaseFile, parts, release }: Target,
  partial: string,
  now: number,
): string | null {
  const aside = `${databaseFile}.before-restore-${new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '')}`;
  // The database first: an end in between must not leave it without its WAL, which may hold the last orders.
  for (const end of parts) renameSync(databaseFile + end, aside + end);
  // Before the new one comes: SQLite takes a -wal of the old name with it as it closes.
  release();
  try {
    // Not a rename, which would overwrite a database that a server has begun in this moment.
    linkSync(partial, databaseFile);
  } catch (error) {
    if (!existsSync(databaseFile)) throw error;
    throw new RestoreRefusedError(`${databaseFile} was made anew meanwhile: stop the server first`);
  }
  rmSync(partial);
  syncToDisk(dirname(databaseFile));
  return parts.length > 0 ? aside : null;
}
