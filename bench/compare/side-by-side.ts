/**
 * Runs contenders in a closed loop: interleaved rounds, fresh processes, ratios to the first one
 * per round.
 */
import type { Ask } from '../rounds/closed-loop.ts';
import type { Contender } from '../rounds/contender.ts';
import { type Figures, runRound } from '../rounds/round.ts';
import { spreadOf, spreadText } from '../rounds/spread.ts';
import { tableText } from '../rounds/table.ts';

export interface SideBySideSettings {
  title: string;
  ask: Ask;
  rounds: number;
  seconds: number;
  connections: number;
  /** Shows the processor time of the server's process: meaningful where the database runs in it. */
  hasServerTime?: boolean;
}

/** Returns the table. Throws if a round fails its checks. */
export async function sideBySide(
  contenders: readonly Contender[],
  { title, ask, rounds, seconds, connections, hasServerTime }: SideBySideSettings,
  reportProgress: (line: string) => void,
): Promise<string> {
  const found = contenders.map((): Figures[] => []);
  for (let round = 1; round <= rounds; round++) {
    for (const [index, contender] of contenders.entries()) {
      const figures = await runRound(contender, { ask, connections, measuredMs: seconds * 1000 });
      found[index]?.push(figures);
      reportProgress(
        `round ${round}/${rounds}  ${title}  ${contender.name}: ${figures.perSecond.toFixed(0)}/s`,
      );
    }
  }
  const [first = []] = found;
  const column = (name: string, figure: (figures: Figures, round: number) => number, digits: number) => ({
    name,
    cells: found.map((figures) => spreadText(spreadOf(figures.map(figure)), digits)),
  });
  const columns = [
    column('a second', ({ perSecond }) => perSecond, 0),
    column(
      'times the first',
      ({ perSecond }, round) => perSecond / (first[round]?.perSecond ?? Number.NaN),
      2,
    ),
    column('p50 ms', ({ p50Ms }) => p50Ms, 2),
    column('p99 ms', ({ p99Ms }) => p99Ms, 2),
    ...(hasServerTime ? [column('server us/request', ({ serverUs }) => serverUs ?? Number.NaN, 1)] : []),
  ];
  return tableText([
    [title, ...columns.map(({ name }) => name)],
    ...contenders.map(({ name }, index) => [name, ...columns.map(({ cells }) => cells[index] ?? '')]),
  ]);
}
