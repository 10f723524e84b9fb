/** A copy of the whole database that can take its place, and what becomes of the wish for one. */

export interface Backup {
  /** The bare name of the file. */
  file: string;
  bytes: number;
  /** SHA-256 of the file, in hex. */
  sha256: string;
  /** The last event of the log that is in it. */
  lastSeq: number;
  createdAt: number;
  /** Older backups that went after it was whole. */
  removed: number;
}

/** Why there is none: nothing of it is left behind. */
export type BackupFailure = 'no_room' | 'unsound' | 'io';

export type BackupOutcome =
  | { kind: 'backed_up'; backup: Backup }
  /** Another one is being made, by this process or by another. */
  | { kind: 'backup_running' }
  /** All readers that there may be are in use. */
  | { kind: 'overloaded'; retryAfterSeconds: number }
  /** `reason` is for the operator of the machine: it may name paths. */
  | { kind: 'backup_failed'; failure: BackupFailure; reason: string };
