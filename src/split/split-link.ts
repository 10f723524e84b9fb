/** What another thread needs to open the split on the same writer. */
import type { ConnectionSettings } from './connection.ts';
import type { WriterLink } from './writer-protocol.ts';
import type { WriterQueueSettings } from './writer-queue.ts';

/** Can be sent to another thread, once, with its `port` in the transfer list. */
export interface SplitLink extends WriterLink {
  connection: ConnectionSettings;
  queue: WriterQueueSettings;
  casing: 'snake_case' | 'camelCase' | undefined;
}
