/** `npm run bench:closed`: our request rate with real work, relative to a bare hello server. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import type { RuntimeName } from '../../test/support/server-process.ts';
import { type Figures, runRound } from '../rounds/round.ts';
import { spreadOf, spreadText } from '../rounds/spread.ts';
import { tableText } from '../rounds/table.ts';
import { grouped, oneByOne, reference, scenariosOf } from './scenarios.ts';

const usage = `usage: npm run bench:closed -- [--runtime node|bun|both] [--rounds N] [--seconds N] [--connections N] [--json FILE]\n`;

type Rounds = Map<string, Figures[]>;
const of = (rounds: Rounds, name: string): Figures[] => rounds.get(name) ?? [];
/** Divide within a round only: measurements minutes apart are not comparable. */
const ratios = (rounds: Rounds, name: string, other: string): number[] =>
  of(rounds, name).map(
    ({ perSecond }, index) => perSecond / (of(rounds, other)[index]?.perSecond ?? Number.NaN),
  );

async function measure(
  runtime: RuntimeName,
  count: number,
  seconds: number,
  connections: number,
): Promise<Rounds> {
  const rounds: Rounds = new Map();
  for (let round = 1; round <= count; round++) {
    for (const { contender, ask } of scenariosOf(runtime)) {
      const figures = await runRound(contender, { ask, connections, measuredMs: seconds * 1000 });
      rounds.set(contender.name, [...of(rounds, contender.name), figures]);
      process.stderr.write(
        `${runtime} round ${round}/${count}  ${contender.name}: ${figures.perSecond.toFixed(0)}/s\n`,
      );
    }
  }
  return rounds;
}

function report(runtime: RuntimeName, rounds: Rounds): string {
  const rows = [...rounds].map(([name, figures]) => {
    const cpu = figures.map(({ serverUs }) => serverUs).filter((us) => us !== null);
    return [
      name,
      spreadText(spreadOf(figures.map(({ perSecond }) => perSecond))),
      spreadText(spreadOf(ratios(rounds, name, reference)), 2),
      spreadText(spreadOf(figures.map(({ p50Ms }) => p50Ms)), 2),
      spreadText(spreadOf(figures.map(({ p99Ms }) => p99Ms)), 2),
      cpu.length === 0 ? '-' : spreadText(spreadOf(cpu), 1),
      spreadText(spreadOf(figures.map(({ clientCores }) => clientCores)), 2),
    ];
  });
  const heading = [
    runtime,
    'a second',
    'share of hello',
    'p50 ms',
    'p99 ms',
    'server us/request',
    'client cores',
  ];
  const gain = spreadText(spreadOf(ratios(rounds, grouped, oneByOne)), 2);
  return `${tableText([heading, ...rows])}Group commit against one purchase per commit, both at FULL: ${gain} times\n\n`;
}

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (!(value >= 1)) throw new Error(`--${name} is a number from 1, not ${text}.`);
  return value;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      runtime: { type: 'string', default: 'both' },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '3' },
      connections: { type: 'string', default: '64' },
      json: { type: 'string' },
    },
  });
  const runtimes = (['node', 'bun'] as const).filter((name) => [name, 'both'].includes(values.runtime));
  if (runtimes.length === 0) throw new Error(`--runtime is node, bun or both, not ${values.runtime}.`);
  const found: Record<string, Record<string, Figures[]>> = {};
  for (const runtime of runtimes) {
    const rounds = await measure(
      runtime,
      numberOf('rounds', values.rounds),
      numberOf('seconds', values.seconds),
      numberOf('connections', values.connections),
    );
    found[runtime] = Object.fromEntries(rounds);
    process.stdout.write(report(runtime, rounds));
  }
  if (values.json !== undefined) {
    mkdirSync(dirname(values.json), { recursive: true });
    writeFileSync(values.json, `${JSON.stringify(found, undefined, 2)}\n`);
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n${usage}`);
  process.exitCode = 1;
}
