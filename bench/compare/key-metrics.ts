/** The seed's question on this code: one connection that commits in its handlers, against one writer and many readers. */
import { profiles } from '../load/profiles.ts';
import { type LoadReport, runLoad } from '../load/run.ts';
import type { Contender } from '../rounds/contender.ts';
import { type Spread, spreadOf, spreadText } from '../rounds/spread.ts';
import { stampede } from '../rounds/stampede.ts';
import { tableText } from '../rounds/table.ts';

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

type Figure = (report: LoadReport) => number;
const rows: readonly (readonly [name: string, digits: number, figure: Figure])[] = [
  ['requests a second', 0, ({ result }) => result.done / (result.elapsedMs / 1000)],
  ['p50 ms', 2, ({ result }) => result.latencyMs.all.p50],
  ['p95 ms', 2, ({ result }) => result.latencyMs.all.p95],
  ['p99 ms', 2, ({ result }) => result.latencyMs.all.p99],
  ['reads p95 ms', 2, ({ result }) => result.latencyMs.reads.p95],
  ['writes p95 ms', 2, ({ result }) => result.latencyMs.writes.p95],
  ['dropped', 0, ({ result }) => result.dropped],
  ['purchases committed', 0, ({ result }) => result.outcomes.held],
  ['errors', 0, ({ result }) => result.outcomes.error],
  ['lock errors', 0, ({ result }) => result.lockErrors],
];

/** Runs the profile `seed` on each, in turn, and returns the table. Throws where a run fails its checks. */
export async function compareKeyMetrics(
  rounds: number,
  seconds: number,
  tell: (line: string) => void,
): Promise<string> {
  const profile = { ...profiles.seed, seconds };
  const contenders = [before, after('node'), after('bun')];
  const found = new Map<string, LoadReport[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 1; round <= rounds; round++) {
    for (const contender of contenders) {
      const report = await runLoad(contender, profile, () => undefined);
      // A flood that ran into the client's deadline is the answer here, not a mistake of the bench.
      const wrong = report.checks.filter(({ name, passed }) => !passed && name !== 'no error');
      if (wrong.length > 0) {
        throw new Error(
          `${contender.name}: ${wrong.map(({ name, detail }) => `${name} (${detail})`).join('; ')}`,
        );
      }
      found.get(contender.name)?.push(report);
      tell(
        `round ${round}/${rounds}  ${contender.name}: p95 ${report.result.latencyMs.all.p95.toFixed(1)} ms`,
      );
    }
  }
  const spreads = (figure: Figure): Spread[] =>
    contenders.map(({ name }) => spreadOf((found.get(name) ?? []).map(figure)));
  return tableText([
    ['Key Metrics', ...contenders.map(({ name }) => name)],
    ...rows.map(([name, digits, figure]) => [
      name,
      ...spreads(figure).map((spread) => spreadText(spread, digits)),
    ]),
  ]);
}
