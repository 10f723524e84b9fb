/**
 * Warns at startup that deleted personal data may still be in the file, because the disk was full.
 */

import { unfinishedSince } from '../database/sqlite/purge-deleted.ts';
import type { Log } from '../log.ts';
import { type ConnectionSettings, openReader } from '../split/connection.ts';

/**
 * Logs the warning. Call it once the writer has opened the file: each start tries to finish
 * deletions.
 */
export function warnOfUnfinishedDeletions(settings: ConnectionSettings, log: Log): void {
  const reader = openReader(settings);
  try {
    const since = unfinishedSince(Number(reader.pragma('user_version', { simple: true })));
    if (since === null) return;
    log.error(
      { since: new Date(since).toISOString() },
      'deleted personal data may still be in the database file, because the disk was too full to rewrite it at this start. ' +
        'Free as much space as the file is large, then restart the server',
    );
  } finally {
    reader.close();
  }
}
