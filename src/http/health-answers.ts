/** The shapes of what the server says of itself, as schemas. */
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
    payments: count('Waiting'),
    releases: count('Waiting'),
    operator: count('Waiting'),
    holds: count('Waiting'),
    links: count('Waiting'),
  }),
  walPages: count('Pages in the write-ahead log'),
  walBytes: count('Its size'),
  readersOpen: count('Reader connections'),
  readersInUse: count('Reader connections that are lent'),
  catalogueEventsBehind: v.optional(count('Events the catalogue does not know of yet (Workers)')),
  warning: v.optional(v.string()),
});
export const versionAnswer = v.object({
  version: text('Of the server', '1.0.0'),
  runtime: text('What it runs on', 'node v24.21.0'),
});
