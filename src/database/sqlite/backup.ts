/** Creates a backup: a copy of the live database as of one moment, named once it is verified. */
import { accessSync, existsSync, mkdirSync, renameSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Backup, BackupFailure, BackupOutcome } from '../../domain/backup.ts';
import { BACKUP_SPARE_BYTES } from '../../limits.ts';
import type { ConnectionSettings } from '../../split/connection.ts';
import { isDiskFull, isOverQuota } from '../../split/disk-full.ts';
import { openVerified } from '../../split/file-identity.ts';
import { takeLock } from '../../split/file-lock.ts';
import {
  backupName,
  bytesOf,
  lockName,
  removeLeftovers,
  removeOld,
  sumFileOf,
  sumLine,
  sumOf,
  syncToDisk,
} from './backup-folder.ts';
import { checkCopy, type ReportProgress, UnsoundFileError } from './check-copy.ts';

export interface BackupSettings {
  folder: string;
  /** How many backups to keep, including the new one. */
  keep: number;
}

export interface BackupJob extends BackupSettings {
  kind: 'backup';
  connection: ConnectionSettings;
  /** The file's name during creation, without folder. */
  partial: string;
}

/** Bytes of a folder's disk that this process may use. */
function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

class NoSpaceError extends Error {}

function failureOf(error: unknown): BackupFailure {
  if (error instanceof NoSpaceError) return 'no_space';
  if (error instanceof UnsoundFileError) return 'unsound';
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return isOverQuota(error) || /^(?:SQLITE_FULL|ENOSPC)$/.test(code) ? 'no_space' : 'io';
}

/** Copies in one read transaction: no commit waits for it, but the WAL cannot restart. */
function copyInto(
  partial: string,
  job: BackupJob,
  free: (folder: string) => number,
  report: ReportProgress,
): void {
  const { file, busyTimeoutMs } = job.connection;
  // Without `query_only`, which reader connections have: it would also forbid writing the copy.
  const live = openVerified(file, { readonly: true, fileMustExist: true, timeout: busyTimeoutMs });
  try {
    const pragma = (name: string): number => Number(live.pragma(name, { simple: true }));
    const total = pragma('page_count') * pragma('page_size');
    // A copy that fills the disk would leave the writer no space, and the sale would stop.
    const room = free(job.folder);
    if (room < total + BACKUP_SPARE_BYTES) {
      throw new NoSpaceError(
        `it needs up to ${total} bytes and must leave ${BACKUP_SPARE_BYTES} free, of ${room}`,
      );
    }
    report({ step: 'copying', done: 0, total });
    try {
      live.prepare('vacuum into ?').run(partial);
    } catch (error) {
      // SQLite empties the copy if a write fails, so a quota has space again for less than a whole
      // copy.
      if (!isDiskFull(error, { name: partial }, total)) throw error;
      throw new NoSpaceError(error instanceof Error ? error.message : 'a quota is used up');
    }
  } finally {
    live.close();
  }
}

function finish(partial: string, job: BackupJob, startedAt: number, report: ReportProgress): Backup {
  const { folder, keep } = job;
  const { lastSeq } = checkCopy(partial, 'quick_check', report);
  syncToDisk(partial);
  const bytes = bytesOf(partial);
  const sha256 = sumOf(partial, (done) => report({ step: 'summing', done, total: bytes }));
  // Two backups of the same second and event would share a name, so date the second one a second
  // later.
  let createdAt = startedAt;
  while (existsSync(join(folder, backupName(createdAt, lastSeq)))) createdAt += 1_000;
  const file = backupName(createdAt, lastSeq);
  const path = join(folder, file);
  try {
    writeFileSync(sumFileOf(path), sumLine(path, sha256));
    syncToDisk(sumFileOf(path));
    renameSync(partial, path);
  } catch (error) {
    rmSync(sumFileOf(path), { force: true });
    throw error;
  }
  syncToDisk(folder);
  return { file, bytes, sha256, lastSeq, createdAt, removed: removeOld(folder, keep, file) };
}

/**
 * Creates a backup. The time grows with the file, so run it in a thread of its own. A failed backup
 * leaves nothing behind.
 */
export function makeBackup(
  job: BackupJob,
  startedAt: number,
  report: ReportProgress = () => undefined,
  free: (folder: string) => number = freeBytes,
): BackupOutcome {
  const { folder } = job;
  const partial = join(folder, job.partial);
  try {
    // If the database was moved away, its folder must not be recreated: the database could not be
    // put back.
    accessSync(job.connection.file);
    // The folder contains personal data of customers.
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const release = takeLock(join(folder, lockName));
    if (!release) return { kind: 'backup_running' };
    try {
      removeLeftovers(folder, job.partial);
      copyInto(partial, job, free, report);
      return { kind: 'backed_up', backup: finish(partial, job, startedAt, report) };
    } finally {
      removePartial(partial);
      release();
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: 'backup_failed', failure: failureOf(error), reason };
  }
}

/** Removes an incomplete copy and SQLite's files for it. */
export function removePartial(partial: string): void {
  rmSync(partial, { force: true });
  rmSync(`${partial}-journal`, { force: true });
}
