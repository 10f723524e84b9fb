/**
 * The seed's comparison on this code: one connection that commits in its handlers, or one writer
 * with many readers.
 */
import { profiles } from '../load/profiles.ts';
import type { Contender } from '../rounds/contender.ts';
import { stampede } from '../rounds/stampede.ts';
import { latencyRows, loadTable, type Row, runRounds } from './load-rounds.ts';

const before = stampede({
  name: 'before: one connection, rollback journal',
  runtime: 'node',
  stock: profiles.seed.stock,
  program: 'bench/compare/one-connection-server.ts',
});
const after = (runtime: 'node' | 'bun'): Contender =>
  stampede({
    name: `after: one writer, many readers, ${runtime}`,
    runtime,
    stock: profiles.seed.stock,
  });

const rows: readonly Row[] = [
  ...latencyRows,
  ['dropped', 0, ({ result }) => result.dropped],
  ['purchases committed', 0, ({ result }) => result.outcomes.held],
  ['errors', 0, ({ result }) => result.outcomes.error],
  ['lock errors', 0, ({ result }) => result.lockErrors],
];

/** Runs the profile `seed` on each in turn; returns the table. Throws if a run fails its checks. */
export async function compareKeyMetrics(
  rounds: number,
  seconds: number,
  reportProgress: (line: string) => void,
): Promise<string> {
  const contenders = [before, after('node'), after('bun')];
  const profile = { ...profiles.seed, seconds };
  // Requests that reach the client's deadline are a result here, not an error of the benchmark.
  const found = await runRounds({ contenders, profile, rounds, figures: ['no error'] }, reportProgress);
  return loadTable('Key Metrics', contenders, rows, found);
}
