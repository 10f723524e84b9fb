/**
 * `npm run bench:readers`: memory of a hundred reader connections, and the value of `readers` for
 * concurrent long queries.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type ConnectionSettings, openReader } from '../../src/split/connection.ts';
import { fill } from '../export/fill.ts';
import { checkAndRemove, openScratchWriter, scratchSettings } from '../micro/scratch.ts';
import { runOnBun } from '../rounds/run-on-bun.ts';
import { tableText } from '../rounds/table.ts';
import { measureParallel } from './parallel.ts';

const usage =
  'usage: npm run bench:readers -- [--readers N] [--orders N] [--queries N] [--rounds N] [--runtime node|bun]\n';
const residentMb = (): number => process.memoryUsage.rss() / 1e6;

/** Returns the faults in words. */
function measureMemory(settings: ConnectionSettings, count: number, orders: number): string[] {
  const scan =
    'select count(*) orders, sum(length(email) + length(address)) characters from orders not indexed';
  // The first reader loads the code and the memory that all readers share.
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
  return found.every((one) => one === orders) ? [] : ['a reader did not see every order'];
}

/** Returns the faults in words. */
async function measure(count: number, orders: number, queries: number, rounds: number): Promise<string[]> {
  const settings = scratchSettings();
  openScratchWriter(settings).connection.close();
  fill(settings.file, orders);
  const wrong = measureMemory(settings, count, orders);
  await measureParallel(settings, { queries, readers: [1, 2, 3, 5, 9], rounds });
  return [...wrong, ...checkAndRemove(settings)];
}

const { values } = parseArgs({
  options: {
    readers: { type: 'string', default: '100' },
    orders: { type: 'string', default: '200000' },
    queries: { type: 'string', default: '8' },
    rounds: { type: 'string', default: '3' },
    runtime: { type: 'string', default: 'node' },
  },
});
const [count, orders] = [Number(values.readers), Number(values.orders)];
const [queries, rounds] = [Number(values.queries), Number(values.rounds)];
if (
  !(count >= 1 && orders >= 1_000 && queries >= 1 && rounds >= 1) ||
  !['node', 'bun'].includes(values.runtime)
) {
  process.stderr.write(usage);
  process.exitCode = 2;
} else if (values.runtime === 'bun' && process.versions.bun === undefined) {
  process.exitCode = runOnBun(fileURLToPath(import.meta.url), process.argv.slice(2));
} else {
  const wrong = await measure(count, orders, queries, rounds);
  for (const sentence of wrong) process.stderr.write(`WRONG: ${sentence}\n`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
}
