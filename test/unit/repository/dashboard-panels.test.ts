/** The Grafana dashboard shows every documented metric. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const fileAt = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

/** `stampede_wal_bytes` duplicates the pages, Workers have no dashboard, a version is no curve. */
const unshown = [
  'stampede_wal_pages',
  'stampede_catalogue_events_behind',
  'stampede_mail_queue_messages',
  'stampede_mail_queue_oldest_seconds',
  'stampede_objects',
  'stampede_info',
];

test('every documented metric has a panel', () => {
  const [, section = ''] = fileAt('docs/operations.md').split('\n## Metrics\n');
  const rows = section.split('\n').filter((line) => line.startsWith('| `stampede_'));
  const documented = rows.flatMap((row) => row.split(' | ')[0]?.match(/stampede_[a-z_]+/g) ?? []);
  expect(documented.length).toBeGreaterThan(20);
  const { panels }: { panels: { targets?: { expr: string }[] }[] } = JSON.parse(
    fileAt('deploy/grafana/stampede.json'),
  );
  const asked = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)).join(' ');
  const shown = new Set(
    asked.match(/stampede_[a-z_]+/g)?.map((name) => name.replace(/_bucket$|_sum$|_count$/, '')),
  );
  expect(documented.filter((metric) => !shown.has(metric) && !unshown.includes(metric))).toEqual([]);
});
