/** Opens one SQLite connection with every setting set, read back, and refused where it did not take. */
import type Database from 'better-sqlite3';
import { openInPlace } from './file-in-place.ts';
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

/** In the order in which they must be set. */
function pragmasOf(role: Role, settings: ConnectionSettings): readonly Pragma[] {
  const level = synchronousLevels[settings.synchronous];
  const same = (name: string, value: number): Pragma => [name, value, value];
  const shared = [
    // First: the ones below may meet a lock.
    ['busy_timeout', settings.busyTimeoutMs, settings.busyTimeoutMs],
  ] satisfies Pragma[];
  if (role === 'reader') {
    return [
      ...shared,
      same('synchronous', level),
      same('foreign_keys', 1),
      // The file is opened read-only as well; this makes a misrouted write fail before it looks at the file.
      same('query_only', 1),
      same('cache_size', -READER_CACHE_KIB),
    ];
  }
  return [
    ...shared,
    ['journal_mode', 'wal', 'wal'],
    // After journal_mode: better-sqlite3 is compiled to open WAL files at NORMAL, without a word.
    same('synchronous', level),
    same('foreign_keys', 1),
    // Or REPLACE would delete from the event log without its trigger being asked.
    same('recursive_triggers', 1),
    // What is deleted is overwritten, also on pages that become free, as those of a long address do; nothing else here frees any.
    same('secure_delete', 1),
    // The checkpoint is ours to time (checkpoint.ts): an automatic one would stall a write.
    same('wal_autocheckpoint', 0),
    // A long read lets the WAL grow beyond its cap: once it begins anew, the disk has back what is above.
    same('journal_size_limit', CHECKPOINT_CAP_PAGES * WAL_FRAME_BYTES),
    same('cache_size', -WRITER_CACHE_KIB),
  ];
}

function open(role: Role, settings: ConnectionSettings, mayMake = false): SqliteConnection {
  const options = { readonly: role === 'reader', fileMustExist: !mayMake };
  const connection = openInPlace(settings.file, options);
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

/** The one connection that writes. Makes the file where there is none; throws where a setting does not take. */
export const openWriter = (settings: ConnectionSettings): SqliteConnection => open('writer', settings, true);

/** Another one on the writer's file, for checkpoints. Throws where the file is gone. */
export const openCopier = (settings: ConnectionSettings): SqliteConnection => open('writer', settings);

/** A connection that can't write. Throws where the file is missing or a setting does not take. */
export const openReader = (settings: ConnectionSettings): SqliteConnection => open('reader', settings);
