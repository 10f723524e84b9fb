/**
 * The failing disk's switches: words in a file mapped by the shim, which a test sets while a
 * process runs.
 */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';

// In the order of shim.c.
const words = [
  ...(['isArmed', 'failKind', 'failAt', 'failErrno', 'failForever', 'syncSleepUs'] as const),
  ...(['isLimited', 'freeBytes', 'seen', 'failed'] as const),
] as const;
type Word = (typeof words)[number];
const WORD_BYTES = 8;

export const failKinds = { write: 1, sync: 2, truncate: 3, open: 4, unlink: 5 } as const;
export type FailKind = keyof typeof failKinds;

export const errnos = { EIO: 5, ENOSPC: 28, EROFS: 30, EDQUOT: 122 } as const;
export type Errno = keyof typeof errnos;

export interface Failure {
  kind: FailKind;
  /** The number of the first operation of the kind that fails, counted from 1. */
  at: number;
  errno: Errno;
  /** Whether all later ones fail too. */
  forever: boolean;
}

/**
 * Failures that a writer must survive: a full disk, or an exhausted quota. A failed fsync is
 * fatal, like all other failures.
 */
export const isLackOfRoom = ({ kind, errno, forever }: Omit<Failure, 'at'>): boolean =>
  kind === 'write' && (errno === 'ENOSPC' || (errno === 'EDQUOT' && forever));

export const nameOf = ({ kind, at, errno, forever }: Failure): string =>
  `${errno} on ${kind} ${at}${forever ? ' and all later ones' : ''}`;

export class DiskControl {
  readonly file: string;
  readonly #descriptor: number;

  /** Creates the file, with no failure set. `isThere`: another process has created it. */
  constructor(file: string, { isThere = false } = {}) {
    this.file = file;
    this.#descriptor = openSync(file, isThere ? 'r+' : 'w+');
    if (!isThere) for (const word of words) this.#set(word, 0);
  }

  /** Starts counting operations; the specified one fails. */
  arm({ kind, at, errno, forever }: Failure): void {
    this.#set('isArmed', 0);
    this.#set('seen', 0);
    this.#set('failed', 0);
    this.#set('failKind', failKinds[kind]);
    this.#set('failAt', at);
    this.#set('failErrno', errnos[errno]);
    this.#set('failForever', forever ? 1 : 0);
    this.#set('isArmed', 1);
  }

  disarm(): void {
    this.#set('isArmed', 0);
  }

  /** Operations that have failed since `arm`, or since the space was limited. */
  get failed(): number {
    return this.#get('failed');
  }

  /** Operations of the armed kind since `arm`. */
  get seen(): number {
    return this.#get('seen');
  }

  /** Delays every fsync by `syncMs`. */
  slowDown(syncMs: number): void {
    this.#set('syncSleepUs', syncMs * 1_000);
  }

  /**
   * Limits the total growth of all files; null leaves it to the disk below. `errno`: a full disk,
   * or a quota.
   */
  limitRoom(bytes: number | null, errno: 'ENOSPC' | 'EDQUOT' = 'ENOSPC'): void {
    this.#set('failErrno', errnos[errno]);
    this.#set('freeBytes', bytes ?? 0);
    this.#set('isLimited', bytes === null ? 0 : 1);
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #set(word: Word, value: number): void {
    const bytes = Buffer.alloc(WORD_BYTES);
    bytes.writeBigInt64LE(BigInt(value));
    writeSync(this.#descriptor, bytes, 0, WORD_BYTES, words.indexOf(word) * WORD_BYTES);
  }

  #get(word: Word): number {
    const bytes = Buffer.alloc(WORD_BYTES);
    readSync(this.#descriptor, bytes, 0, WORD_BYTES, words.indexOf(word) * WORD_BYTES);
    return Number(bytes.readBigInt64LE());
  }
}
