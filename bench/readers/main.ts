/** `npm run bench:readers`: what a hundred reader connections take, opened, and after each has scanned every order. */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openReader } from '../../src/split/connection.ts';
import { fill } from '../export/fill.ts';
import { checkAndRemove, openScratchWriter, scratchSettings } from '../micro/scratch.ts';
import { runOnBun } from '../rounds/run-on-bun.ts';
import { tableText } from '../rounds/table.ts';

const usage = 'usage: npm run bench:readers -- [--readers N] [--orders N] [--runtime node|bun]\n';
const residentMb = (): number => process.memoryUsage.rss() / 1e6;

/** Returns what the file is wrong in, in words. */
function measure(count: number, orders: number): string[] {
  const settings = scratchSettings();
  openScratchWriter(settings).connection.close();
  fill(settings.file, orders);
  const scan =
    'select count(*) orders, sum(length(email) + length(address)) characters from orders not indexed';
  // The first one pays for the code and the memory that all of them share.
  openReader(settings).prepare(scan).get();
  const before = residentMb();
  const readers = Array.from({ length: count }, () => openReader(settings));
  const opened = residentMb();
  const found = readers.map((reader) => reader.prepare<[], { orders: number }>(scan).get()?.orders);
  const scanned = residentMb();
  for (const reader of readers) reader.close();
  process.stdout.write(
    tableText([
      [`${count} readers, ${orders.toLocaleString('en')} orders`, 'MB'],
      ['before', before.toFixed(0)],
      ['opened', `+${(opened - before).toFixed(0)}`],
      ['each has scanned every order', `+${(scanned - before).toFixed(0)}`],
    ]),
  );
  const wrong = found.every((one) => one === orders) ? [] : ['a reader did not see every order'];
  return [...wrong, ...checkAndRemove(settings)];
}

const { values } = parseArgs({
  options: {
    readers: { type: 'string', default: '100' },
    orders: { type: 'string', default: '200000' },
    runtime: { type: 'string', default: 'node' },
  },
});
const [count, orders] = [Number(values.readers), Number(values.orders)];
if (!(count >= 1 && orders >= 1) || !['node', 'bun'].includes(values.runtime)) {
  process.stderr.write(usage);
  process.exitCode = 2;
} else if (values.runtime === 'bun' && process.versions.bun === undefined) {
  process.exitCode = runOnBun(fileURLToPath(import.meta.url), process.argv.slice(2));
} else {
  const wrong = measure(count, orders);
  for (const sentence of wrong) process.stderr.write(`WRONG: ${sentence}\n`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
}
