/**
 * `npm run bench:growth`: the cost of a request as orders, drops, connections and the queue grow.
 */
import { parseArgs } from 'node:util';
import { type Figures, runRound } from '../rounds/round.ts';
import { spreadOf, spreadText } from '../rounds/spread.ts';
import { tableText } from '../rounds/table.ts';
import { dimensionsOf } from './dimensions.ts';

const usage = `usage: npm run bench:growth -- [orders] [drops] [connections] [queue] [options]
  --rounds N     of each step, in turn (3)
  --seconds N    length of each run (3)
  --largest N    orders in the file, at most (1000000; 10000000 takes minutes and gigabytes)
  --runtime R    node or bun (node)
`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '3' },
      largest: { type: 'string', default: '1000000' },
      runtime: { type: 'string', default: 'node' },
    },
  });
  const { runtime } = values;
  if (runtime !== 'node' && runtime !== 'bun') throw new Error(`--runtime is node or bun, not ${runtime}.`);
  const [rounds, seconds, largest] = [values.rounds, values.seconds, values.largest].map(Number);
  if (!rounds || !seconds || !largest)
    throw new Error('--rounds, --seconds and --largest are numbers from 1.');
  const dimensions = dimensionsOf(runtime, largest);
  const unknown = positionals.find((name) => !(name in dimensions));
  if (unknown !== undefined) throw new Error(`There is no dimension ${unknown}.`);
  for (const name of positionals.length > 0 ? positionals : Object.keys(dimensions)) {
    const steps = dimensions[name] ?? [];
    const found = steps.map((): Figures[] => []);
    for (let round = 0; round < rounds; round++) {
      for (const [index, { contender, ask, connections }] of steps.entries()) {
        found[index]?.push(await runRound(contender, { ask, connections, measuredMs: seconds * 1000 }));
        process.stderr.write(`round ${round + 1}/${rounds}  ${contender.name}\n`);
      }
    }
    const cell = (figures: Figures[], figure: (one: Figures) => number | null, digits: number): string => {
      const known = figures.map(figure).filter((value) => value !== null);
      return known.length === 0 ? '-' : spreadText(spreadOf(known), digits);
    };
    const rows = steps.map(({ contender }, index) => {
      const figures = found[index] ?? [];
      return [
        contender.name,
        cell(figures, ({ perSecond }) => perSecond, 0),
        cell(figures, ({ p50Ms }) => p50Ms, 2),
        cell(figures, ({ p99Ms }) => p99Ms, 2),
        cell(figures, ({ serverUs }) => serverUs, 1),
      ];
    });
    process.stdout.write(
      `${tableText([[name, 'a second', 'p50 ms', 'p99 ms', 'server us/request'], ...rows])}\n`,
    );
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n${usage}`);
  process.exitCode = 1;
}
