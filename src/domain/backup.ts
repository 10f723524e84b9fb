/** A backup of the database, and the outcomes of creating one. */

export interface Backup {
  /** The bare name of the file. */
  file: string;
  bytes: number;
  /** SHA-256 of the file, in hex. */
  sha256: string;
  /** Last event of the log that it contains. */
  lastSeq: number;
  createdAt: number;
  /** Older backups deleted after this one was complete. */
  removed: number;
}

/** Why a backup failed. A failed backup leaves nothing behind. */
export type BackupFailure = 'no_space' | 'unsound' | 'io';

export type BackupOutcome =
  | { kind: 'backed_up'; backup: Backup }
  /** Another backup is running, in this process or another. */
  | { kind: 'backup_running' }
  /** All readers are in use. */
  | { kind: 'overloaded'; retryAfterSeconds: number }
  /** `reason` is for the operator of the machine, because it may contain paths. */
  | { kind: 'backup_failed'; failure: BackupFailure; reason: string };
