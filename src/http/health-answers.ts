/** Schemas of the health answers. */
import * as v from 'valibot';

const count = (description: string) =>
  v.pipe(v.number(), v.integer(), v.minValue(0), v.description(description));
const text = (description: string, example: string) =>
  v.pipe(v.string(), v.metadata({ description, examples: [example] }));

export const live = v.object({ status: v.literal('ok') });
export const ready = v.object({
  status: v.picklist(['ready', 'not_ready']),
  synchronous: v.picklist(['FULL', 'NORMAL']),
  queueDepth: v.object({
    payments: count('Queued commands'),
    releases: count('Queued commands'),
    operator: count('Queued commands'),
    holds: count('Queued commands'),
    links: count('Queued commands'),
  }),
  walPages: count('Pages in the write-ahead log'),
  walBytes: count('Size of the write-ahead log'),
  readersOpen: count('Reader connections'),
  readersInUse: count('Reader connections in use'),
  readThreadsOpen: count('Threads for long reads'),
  readQueueDepth: count('Long reads that wait for a thread'),
  catalogueEventsBehind: v.optional(count('Events that the catalogue has not received yet (Workers)')),
  warning: v.optional(v.string()),
});
export const versionAnswer = v.object({
  version: text('Version of the server', '1.0.0'),
  runtime: text('JavaScript runtime', 'node v24.21.0'),
});
