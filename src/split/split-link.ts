/** What another thread is given to open the split on the same writer. */
import type { ConnectionSettings } from './connection.ts';
import type { WriterLink } from './writer-protocol.ts';
import type { WriterQueueSettings } from './writer-queue.ts';

/** Crosses to another thread as it is, once, with its `port` in the list of what is transferred. */
export interface SplitLink extends WriterLink {
  connection: ConnectionSettings;
  queue: WriterQueueSettings;
  casing: 'snake_case' | 'camelCase' | undefined;
}
