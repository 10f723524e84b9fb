/**
 * The value of the split for a plain application: its database opened in four ways, under the
 * seed's load and in a closed loop.
 */
import type { Check } from '../load/check-file.ts';
import { profiles } from '../load/profiles.ts';
import type { Contender } from '../rounds/contender.ts';
import { latencyRows, loadTable, type Row, runRounds } from './load-rounds.ts';
import { type SideBySideSettings, sideBySide } from './side-by-side.ts';
import { plainApp } from './split/plain-app.ts';
import { lost, miscounted, oversold } from './split/sold-units.ts';

const unitChecks = [lost, oversold, miscounted];
const { seed } = profiles;

const wrongIn = (checks: readonly Check[], name: string): number =>
  checks.find((check) => check.name === name)?.wrong ?? 0;
const rows: readonly Row[] = [
  ...latencyRows,
  ['server CPU us a request', 1, ({ serverUs }) => serverUs],
  ['dropped', 0, ({ result }) => result.dropped],
  ['overloaded (503)', 0, ({ result }) => result.outcomes.shed],
  ['errors', 0, ({ result }) => result.outcomes.error],
  ['lock errors', 0, ({ result }) => result.lockErrors],
  ['purchases committed', 0, ({ result }) => result.outcomes.held],
  ...unitChecks.map((name): Row => [name, 0, ({ checks }) => wrongIn(checks, name)]),
];

const contendersOf = (stock: number): Contender[] => [
  plainApp('(a) rollback journal', 'rollback', stock),
  plainApp('(b) WAL, NORMAL', 'wal', stock),
  plainApp('(c) split, transaction', 'transaction', stock),
  plainApp('(d) split, command', 'command', stock),
];

type Print = (line: string) => void;

/**
 * Throws if an order was lost, or a unit oversold or miscounted; the written table has the figures.
 */
async function underSeedLoad(
  rounds: number,
  seconds: number,
  write: Print,
  reportProgress: Print,
): Promise<void> {
  const contenders = contendersOf(seed.stock);
  const figures = ['no error', 'no answer mentions a lock', ...unitChecks];
  const profile = { ...seed, seconds };
  const found = await runRounds({ contenders, profile, rounds, figures }, reportProgress);
  write(loadTable(`${seed.ratePerSecond.toLocaleString('en')} a second`, contenders, rows, found));
  const wrong = found
    .flat()
    .filter(({ checks }) => unitChecks.some((name) => wrongIn(checks, name) > 0))
    .map(({ contender, folder }) => `${contender}: not every unit is accounted for. See ${folder}`);
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
}

/** Writes a table for each load. */
export async function comparePlainApps(
  length: Pick<SideBySideSettings, 'rounds' | 'seconds' | 'connections'>,
  write: Print,
  reportProgress: Print,
): Promise<void> {
  const ask = { readShare: seed.readShare } as const;
  for (const stock of [seed.stock, 300]) {
    const title = stock === seed.stock ? 'every purchase is written' : `${stock} units, soon sold out`;
    write(
      await sideBySide(contendersOf(stock), { title, ask, ...length, hasServerTime: true }, reportProgress),
    );
  }
  await underSeedLoad(length.rounds, length.seconds, write, reportProgress);
}
