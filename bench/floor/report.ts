/** The tables of the floor bench. */
import type { ThreadTimes } from '../rounds/processor-time.ts';
import type { RuntimeName } from '../rounds/server.ts';
import { spreadOf, spreadText } from '../rounds/spread.ts';
import { tableText } from '../rounds/table.ts';
import { floorName, type Round } from './closed-round.ts';
import { type RowName, rowNames, rows } from './rows.ts';

/** All rounds of one runtime, in order. */
export interface Found {
  closed: Round[];
  /** The p99 in milliseconds, by the contender's name. */
  open: Map<string, number>[];
}

const allThreads = ({ http, writer, others }: ThreadTimes): number => http + writer + others;

/** The median of the known figures, with the spread over several rounds; `-` if there are none. */
function cell(figures: readonly (number | undefined)[], digits: number): string {
  const known = figures.filter((figure) => figure !== undefined).filter(Number.isFinite);
  const [first, ...more] = known;
  if (first === undefined) return '-';
  return more.length === 0 ? first.toFixed(digits) : spreadText(spreadOf(known), digits);
}

const timesOf = (round: Round | undefined, name: string, row: RowName): ThreadTimes | undefined =>
  round?.get(name)?.perRequest[row];

/** One figure of each round: a ratio compares figures of the same round only. */
const each = (
  rounds: readonly Round[],
  row: RowName,
  name: string,
  figure: (ours: ThreadTimes, floor: ThreadTimes) => number,
): (number | undefined)[] =>
  rounds.map((round) => {
    const [ours, floor] = [timesOf(round, name, row), timesOf(round, floorName, row)];
    return ours && floor && figure(ours, floor);
  });

/** Processor time per request of one contender and of the floor. */
export function costTable(runtime: RuntimeName, name: string, rounds: readonly Round[]): string {
  const heading = [
    `${runtime}: ${name}`,
    'floor us',
    'HTTP thread us',
    'writer us',
    'others us',
    'HTTP / floor',
    'all / floor',
  ];
  const measured = rowNames.filter((row) => rounds.some((round) => timesOf(round, name, row)));
  const lines = measured.map((row) => {
    const of = (figure: (ours: ThreadTimes, floor: ThreadTimes) => number, digits: number): string =>
      cell(each(rounds, row, name, figure), digits);
    return [
      rows[row].title,
      of((_, floor) => floor.http, 1),
      of(({ http }) => http, 1),
      of(({ writer }) => writer, 1),
      of(({ others }) => others, 1),
      of((ours, floor) => ours.http / floor.http, 2),
      of((ours, floor) => allThreads(ours) / allThreads(floor), 2),
    ];
  });
  return tableText([heading, ...lines]);
}

type Summary = readonly [
  title: string,
  aim: readonly [node: string, bun: string],
  digits: number,
  figures: (found: Found, nodePurchases: readonly (number | undefined)[]) => readonly (number | undefined)[],
];

const summaries = (name: string): Summary[] => {
  const http = (row: RowName) => (found: Found) =>
    each(found.closed, row, name, (ours, floor) => ours.http / floor.http);
  const all = (row: RowName) => (found: Found) =>
    each(found.closed, row, name, (ours, floor) => allThreads(ours) / allThreads(floor));
  const inUnits =
    (row: RowName, figure: (ours: ThreadTimes) => number): Summary[3] =>
    (found, units) =>
      each(found.closed, row, name, figure).map((us, round) => us && us / (units[round] ?? Number.NaN));
  const start = (figure: 'firstAnswerMs' | 'idleMib', by: number) => (found: Found) =>
    found.closed.map((round) => (round.get(name)?.[figure] ?? Number.NaN) / by);
  return [
    ['HTTP thread, purchase / floor', ['1.35', '1.35'], 2, http('purchase')],
    ['HTTP thread, GET /drops / floor', ['1.10', '1.10'], 2, http('list')],
    ['HTTP thread, GET /drops/:id / floor', ['1.10', '1.10'], 2, http('drop')],
    ['writer, a hold / purchase floor of Node', ['0.70', '0.70'], 2, inUnits('purchase', (t) => t.writer)],
    ['all threads, a mixed request / the same', ['1.25', '0.75'], 2, inUnits('mix', allThreads)],
    ['all threads, refused after sell-out / floor', ['1.60', '1.60'], 2, all('refusal')],
    [
      'p99 at 10,000 a second / floor',
      ['2', '2'],
      2,
      ({ open }) => open.map((p99) => (p99.get(name) ?? Number.NaN) / (p99.get(floorName) ?? Number.NaN)),
    ],
    ['p99 at 10,000 a second, ms', ['', ''], 1, ({ open }) => open.map((p99) => p99.get(name))],
    ['the same of the floor, ms', ['', ''], 1, ({ open }) => open.map((p99) => p99.get(floorName))],
    ['start to first answer, s', ['1.0', '1.0'], 2, start('firstAnswerMs', 1000)],
    ['idle memory, MiB', ['114', '67'], 0, start('idleMib', 1)],
  ];
};

/** Each target and its measured value. */
export function summaryTable(name: string, found: Partial<Record<RuntimeName, Found>>): string {
  const nodePurchases = each(found.node?.closed ?? [], 'purchase', floorName, ({ http }) => http);
  const lines = summaries(name).map(([title, aims, digits, figures]) => [
    title,
    ...(['node', 'bun'] as const).flatMap((runtime, index) => {
      const of = found[runtime];
      return of ? [aims[index] ?? '', cell(figures(of, nodePurchases), digits)] : [];
    }),
  ]);
  const columns = (['node', 'bun'] as const).filter((runtime) => found[runtime]);
  return tableText([[name, ...columns.flatMap((runtime) => ['aim', runtime])], ...lines]);
}
