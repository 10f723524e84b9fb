/** Tells the operator at a start that deleted personal data may still be in the file, because the disk was full. */
import { type ConnectionSettings, openReader } from '../database/sqlite/connection.ts';
import { unfinishedSince } from '../database/sqlite/forget.ts';
import type { Log } from '../log.ts';

/** To be called once the writer has opened the file: every start finishes deletions where it can. */
export function warnOfUnfinishedDeletions(settings: ConnectionSettings, log: Log): void {
  const reader = openReader(settings);
  try {
    const since = unfinishedSince(Number(reader.pragma('user_version', { simple: true })));
    if (since === null) return;
    log.error(
      { since: new Date(since).toISOString() },
      'deleted personal data may still be in the database file: this start had no room to rewrite it. ' +
        'Free as much space as the file is large, then restart the server',
    );
  } finally {
    reader.close();
  }
}
