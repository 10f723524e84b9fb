/** Runs all disk faults at the full size, and checks the results: `npm run test:disk`. */
import { parseArgs } from 'node:util';
import { recordCount } from '../record-count.ts';
import { mustSkipDisk } from './failing-disk.ts';
import { judgeAgain } from './power-loss.ts';
import { ciSize, deepSize, suites } from './suites.ts';

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
  const seconds = Math.round((performance.now() - begunMs) / 1000);
  write(recordCount({ ...report, seconds, violations: report.violations.length }));
}
process.exit(found === 0 ? 0 : 1);
