/** Opens a SQLite connection, and throws if any of its settings reads back differently. */
import type Database from 'better-sqlite3';
import { openVerified } from './file-identity.ts';
import { CHECKPOINT_CAP_PAGES, READER_CACHE_KIB, WAL_FRAME_BYTES, WRITER_CACHE_KIB } from './limits.ts';

export type SqliteConnection = Database.Database;
export type Synchronous = 'FULL' | 'NORMAL';

export interface ConnectionSettings {
  file: string;
  busyTimeoutMs: number;
  synchronous: Synchronous;
}

const synchronousLevels = { FULL: 2, NORMAL: 1 } as const satisfies Record<Synchronous, number>;

type Role = 'writer' | 'reader';
type Pragma = readonly [name: string, value: string | number, readBack: string | number];

/** Pragmas in the order in which they must be set. */
function pragmasOf(role: Role, settings: ConnectionSettings): readonly Pragma[] {
  const level = synchronousLevels[settings.synchronous];
  const same = (name: string, value: number): Pragma => [name, value, value];
  const shared = [
    // First: the pragmas below may meet a lock.
    ['busy_timeout', settings.busyTimeoutMs, settings.busyTimeoutMs],
  ] satisfies Pragma[];
  if (role === 'reader') {
    return [
      ...shared,
      same('synchronous', level),
      same('foreign_keys', 1),
      // The file is opened read-only too; this makes a misrouted write fail before it reads the
      // file.
      same('query_only', 1),
      same('cache_size', -READER_CACHE_KIB),
    ];
  }
  return [
    ...shared,
    ['journal_mode', 'wal', 'wal'],
    // After journal_mode: better-sqlite3 is compiled to open WAL files at NORMAL, silently.
    same('synchronous', level),
    same('foreign_keys', 1),
    // Without it, REPLACE would delete from the event log without firing its trigger.
    same('recursive_triggers', 1),
    // Deleted data is overwritten, also on pages that become free, such as those of a long address.
    // Nothing else in this program frees pages.
    same('secure_delete', 1),
    // checkpoint.ts times the checkpoint: an automatic one would stall a write.
    same('wal_autocheckpoint', 0),
    // A long read lets the WAL grow beyond its cap: when the WAL restarts, the disk gets the excess
    // back.
    same('journal_size_limit', CHECKPOINT_CAP_PAGES * WAL_FRAME_BYTES),
    same('cache_size', -WRITER_CACHE_KIB),
  ];
}

function open(role: Role, settings: ConnectionSettings, mayMake = false): SqliteConnection {
  const options = { readonly: role === 'reader', fileMustExist: !mayMake };
  const connection = openVerified(settings.file, options);
  try {
    for (const [name, value, readBack] of pragmasOf(role, settings)) {
      connection.pragma(`${name} = ${value}`);
      const found = connection.pragma(name, { simple: true });
      if (found !== readBack) {
        throw new Error(`SQLite runs this ${role} with ${name} = ${String(found)}, not ${readBack}.`);
      }
    }
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** Opens the one connection that writes. Creates a missing file; throws if a setting fails. */
export const openWriter = (settings: ConnectionSettings): SqliteConnection => open('writer', settings, true);

/** Opens another connection to the writer's file, for checkpoints. Throws if that is missing. */
export const openCopier = (settings: ConnectionSettings): SqliteConnection => open('writer', settings);

/** Opens a read-only connection. Throws if the file is missing or a setting fails. */
export const openReader = (settings: ConnectionSettings): SqliteConnection => open('reader', settings);
