/**
 * `npm run bench:floor`: the processor time of a request, thread by thread, against that of a
 * server on the same HTTP library that does nothing.
 */
import { checkOut } from '../compare/checkout-of-ref.ts';
import type { Contender } from '../rounds/contender.ts';
import type { RuntimeName } from '../rounds/server.ts';
import { stampede } from '../rounds/stampede.ts';
import { type Round, runClosedRound } from './closed-round.ts';
import { runOpenRound, takeFloor } from './open-round.ts';
import { type FloorOptions, parseOptions, usage } from './options.ts';
import { costTable, type Found, summaryTable } from './report.ts';
import { type RowName, rows } from './rows.ts';

const thisTree = 'this tree';
const plenty = 10_000_000;
const few = 3;

interface Tree {
  name: string;
  /** The checkout; by default this one. */
  root?: string;
}

const reportProgress = (line: string): void => void process.stderr.write(`${line}\n`);
const contendersOf = (trees: readonly Tree[], runtime: RuntimeName, stock: number): Contender[] =>
  trees.map((tree) => stampede({ ...tree, runtime, stock }));

/** Adds the rows of one round to those of another. */
function merged(rounds: readonly Round[]): Round {
  const sum: Round = new Map();
  for (const [name, costs] of rounds.flatMap((round) => [...round])) {
    const known = sum.get(name) ?? costs;
    sum.set(name, { ...known, perRequest: { ...known.perRequest, ...costs.perRequest } });
  }
  return sum;
}

async function closedRound(
  trees: readonly Tree[],
  runtime: RuntimeName,
  options: FloorOptions,
  round: number,
): Promise<Round> {
  const { connections, seconds, warmUpSeconds } = options;
  const settings = { connections, warmUpMs: warmUpSeconds * 1000, measuredMs: seconds * 1000 };
  const parts: Round[] = [];
  for (const isSoldOut of [false, true]) {
    const wanted: RowName[] = options.rows.filter((row) => rows[row].isSoldOut === isSoldOut);
    if (wanted.length === 0) continue;
    const contenders = contendersOf(trees, runtime, isSoldOut ? few : plenty);
    parts.push(await runClosedRound(runtime, contenders, wanted, settings, round % 2 === 0));
  }
  return merged(parts);
}

async function measure(trees: readonly Tree[], options: FloorOptions): Promise<void> {
  const found: Partial<Record<RuntimeName, Found>> = Object.fromEntries(
    options.runtimes.map((runtime) => [runtime, { closed: [], open: [] } satisfies Found]),
  );
  for (let round = 1; round <= options.rounds; round++) {
    for (const runtime of options.runtimes) {
      found[runtime]?.closed.push(await closedRound(trees, runtime, options, round));
      if (options.isOpen) {
        const contenders = contendersOf(trees, runtime, plenty);
        const [first] = contenders as [Contender];
        const floor = await takeFloor(first);
        found[runtime]?.open.push(await runOpenRound(runtime, contenders, floor, options.openSeconds));
      }
      reportProgress(`round ${round}/${options.rounds} on ${runtime} is done`);
    }
  }
  for (const { name } of trees) {
    for (const runtime of options.rows.length > 0 ? options.runtimes : []) {
      process.stdout.write(`${costTable(runtime, name, found[runtime]?.closed ?? [])}\n`);
    }
    process.stdout.write(`${summaryTable(name, found)}\n`);
  }
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options.ref === undefined) return measure([{ name: thisTree }], options);
  const other = checkOut(options.ref);
  try {
    await measure([{ name: thisTree }, { name: other.commit, root: other.root }], options);
  } finally {
    other.remove();
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n${usage}`);
  process.exitCode = 1;
}
