/** Why a transaction wrote nothing although the database works: a full disk or a taken lock. */
import { DiskFullError } from './disk-full.ts';
import { FileBusyError } from './file-busy.ts';
import type { QueueRefusal } from './refusal.ts';

export type NotWritten = 'disk_full' | 'busy';

/** Returns null for every other error: it may mean that the database failed. */
export function notWrittenBecause(error: unknown): NotWritten | null {
  if (error instanceof DiskFullError) return 'disk_full';
  return error instanceof FileBusyError ? 'busy' : null;
}

/** Returns the refusal of a command that was not written. */
export const refusalOf = (why: NotWritten): QueueRefusal =>
  why === 'busy' ? { kind: 'overloaded', retryAfterSeconds: 1 } : { kind: 'disk_full' };
