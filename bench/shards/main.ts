/**
 * `npm run bench:shards`: throughput, waits and fairness of a drop in several shards, when one
 * object could not serve all of its buyers.
 */
import { parseArgs } from 'node:util';
import { sell } from './simulation.ts';

const { values } = parseArgs({
  options: {
    units: { type: 'string', default: '10000' },
    arrivals: { type: 'string', default: '10000' },
    // Cloudflare states 200 to 500 requests a second for an object whose requests write to its
    // storage.
    'shard-rate': { type: 'string', default: '200' },
    'hop-ms': { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
  },
});
const [units, arrivals, shardRate, hopMs, seed] = [
  values.units,
  values.arrivals,
  values['shard-rate'],
  values['hop-ms'],
  values.seed,
].map(Number) as [number, number, number, number, number];

const say = (line: string): boolean => process.stdout.write(`${line}\n`);
say(
  `A simulation: ${units} units, ${arrivals} buyers/s, ${shardRate} requests/s a shard, ${hopMs} ms between shards, seed ${seed}.`,
);
say('shards   sold  sold out after  purchases/s  wait p50    p99     shed  transfers  out of turn');
let isSound = true;
for (const shards of [1, 2, 4, 8, 16, 32, 64]) {
  const sale = sell({
    shards,
    units,
    arrivalsPerSecond: arrivals,
    shardRate,
    hopMs,
    seed,
    deadlineMs: 5_000,
    publishedMs: 1_000,
  });
  isSound &&= sale.sold === units;
  const cells = [
    String(shards).padStart(5),
    String(sale.sold).padStart(6),
    `${(sale.soldOutMs / 1000).toFixed(2)} s`.padStart(15),
    sale.purchasesPerSecond.toFixed(0).padStart(12),
    `${sale.waitP50Ms.toFixed(0)} ms`.padStart(9),
    `${sale.waitP99Ms.toFixed(0)} ms`.padStart(8),
    String(sale.shed).padStart(7),
    String(sale.transfers).padStart(10),
    `${sale.outOfTurnPercent.toFixed(1)} %`.padStart(12),
  ];
  say(cells.join(' '));
}
process.exitCode = isSound ? 0 : 1;
