/** Breaks disks on purpose, in every way that a test can, and proves what is left: `npm run test:disk`. */
import { appendFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { mustSkipDisk } from './failing-disk.ts';
import { judgeAgain } from './power-loss.ts';
import { ciSize, deepSize, type SuiteReport, suites } from './suites.ts';

const usage = `npm run test:disk -- [--deep] [--images N] [--seed N] [--only CLASS]…
  npm run test:disk -- --record FOLDER --image SEED
  CLASS: ${suites.map(({ name }) => name).join(', ')}`;
const write = (line: string): void => void process.stdout.write(`${line}\n`);

function readOptions() {
  const { values } = parseArgs({
    options: {
      deep: { type: 'boolean', default: false },
      images: { type: 'string' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      only: { type: 'string', multiple: true },
      record: { type: 'string' },
      image: { type: 'string', default: '' },
    },
  });
  if (values.record !== undefined) {
    const { bad } = judgeAgain(values.record, Number(values.image));
    write(JSON.stringify(bad, null, 2));
    process.exit(bad.length === 0 ? 0 : 1);
  }
  const size = values.deep ? deepSize : ciSize;
  const images = values.images === undefined ? size.images : Number(values.images);
  const seed = Number(values.seed);
  const chosen = suites.filter(({ name }) => values.only?.includes(name) ?? true);
  if (!Number.isInteger(images) || images < 1 || !Number.isInteger(seed) || chosen.length === 0) {
    process.stderr.write(`Usage: ${usage}\n`);
    process.exit(2);
  }
  return { chosen, size: { ...size, images, seed } };
}

/** One line for each class, for whoever collects what all tests have counted. */
function tellCounts({ violations, ...report }: SuiteReport): void {
  const file = process.env.RELIABILITY_COUNTS;
  const line = JSON.stringify({ ...report, violations: violations.length });
  write(line);
  if (file) appendFileSync(file, `${line}\n`);
}

const { chosen, size } = readOptions();
if (mustSkipDisk()) process.exit(0);
write(`seed ${size.seed}`);
let found = 0;
for (const suite of chosen) {
  const begunMs = performance.now();
  write(`\n== ${suite.name}`);
  const report = await suite.run(size, write);
  for (const violation of report.violations) write(`  VIOLATION ${violation}`);
  found += report.violations.length;
  tellCounts({ ...report, seconds: Math.round((performance.now() - begunMs) / 1000) });
}
process.exit(found === 0 ? 0 : 1);
