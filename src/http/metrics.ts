/** What the store does, in Prometheus' text format. */
import type { StoreStatus } from '../database/store.ts';
import { lanes } from '../domain/command.ts';

type Sample = readonly [labels: string, value: number];

const family = (name: string, type: 'counter' | 'gauge', help: string, samples: readonly Sample[]): string =>
  `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${samples.map(([labels, value]) => `${name}${labels} ${value}\n`).join('')}`;

/** Where several threads serve HTTP, the counts are those of the thread that answers. */
export function metricsText(status: StoreStatus): string {
  return [
    family(
      'stampede_queue_depth',
      'gauge',
      'Commands that wait for the writer.',
      lanes.map((lane) => [`{lane="${lane}"}`, status.queueDepth[lane]]),
    ),
    family('stampede_batches_total', 'counter', 'Commits that answered commands.', [
      ['', status.batchesCommitted],
    ]),
    family('stampede_commands_total', 'counter', 'Commands in those commits.', [
      ['', status.commandsCommitted],
    ]),
    family('stampede_wal_pages', 'gauge', 'Pages in the write-ahead log at the last look.', [
      ['', status.walPages],
    ]),
    family('stampede_readers_open', 'gauge', 'Reader connections that are open.', [['', status.readersOpen]]),
    family('stampede_readers_in_use', 'gauge', 'Reader connections that are lent.', [
      ['', status.readersInUse],
    ]),
    status.catalogueEventsBehind === undefined
      ? ''
      : family(
          'stampede_catalogue_events_behind',
          'gauge',
          'Events that the catalogue does not know of yet.',
          [['', status.catalogueEventsBehind]],
        ),
  ].join('');
}
