/** The growing dimensions and their steps: each step is a contender. */

import { join } from 'node:path';
import Database from 'better-sqlite3';
import { stopCleanly } from '../../src/crowd/checkout-server.ts';
import { fill } from '../export/fill.ts';
import { readAcknowledged } from '../load/acknowledged.ts';
import { createDrops } from '../load/drop-for-load.ts';
import type { Ask } from '../rounds/closed-loop.ts';
import type { Contender } from '../rounds/contender.ts';
import { type RuntimeName, startServer } from '../rounds/server.ts';
import { stampede } from '../rounds/stampede.ts';

export interface Step {
  contender: Contender;
  ask: Ask;
  connections: number;
}

const plenty = 10_000_000;
const usualConnections = 64;
const startDeadlineMs = 60_000;
const purchases: Ask = { readShare: 0 };
const mixed: Ask = { readShare: 0.6 };
const written = (count: number): string => count.toLocaleString('en');

/** Returns a server on a file that has `orders` already, inserted by SQL. */
function filled(runtime: RuntimeName, orders: number): Contender {
  return {
    name: `${written(orders)} orders in the file`,
    async start(folder) {
      const options = {
        runtime,
        databaseFile: join(folder, 'drop.db'),
        env: { WARM_UP: 'on' },
        startDeadlineMs,
      };
      const before = await startServer(options);
      const drops = await createDrops(before, { stock: 10 * plenty, drops: 1, itemsPerDrop: 3 });
      await stopCleanly(before);
      fill(options.databaseFile, orders);
      const server = await startServer(options);
      return {
        url: server.url,
        pid: server.pid,
        drops,
        secretKey: server.secretKey,
        stop: () => server.stop(),
        // Too many rows to read into JavaScript, so only count them.
        async check(acknowledgedFile) {
          const file = new Database(options.databaseFile, { readonly: true });
          const stored = file.prepare<[], number>('select count(*) from orders').pluck().get() ?? 0;
          const taken = file.prepare<[], number>('select sum(held + sold) from items').pluck().get() ?? 0;
          file.close();
          const reported = orders + readAcknowledged(acknowledgedFile).length;
          const detail = `${stored} orders, ${taken} units, ${reported} acknowledged`;
          return [
            {
              name: 'what is stored is what was acknowledged',
              passed: stored === reported && taken === reported,
              detail,
            },
          ];
        },
      };
    },
  };
}

const ofDrops = (runtime: RuntimeName, drops: number): Step => ({
  contender: stampede({
    name: `${written(drops)} drops`,
    runtime,
    stock: drops > 100 ? 100_000 : plenty,
    drops,
    env: { WARM_UP: 'on' },
  }),
  // The list of ten thousand drops is a megabyte, so buyers read one drop each.
  ask: { ...mixed, reads: 'drop' },
  connections: usualConnections,
});

const ofConnections = (runtime: RuntimeName, connections: number, ask: Ask, what: string): Step => ({
  contender: stampede({ name: `${written(connections)} connections, ${what}`, runtime, stock: plenty }),
  ask,
  connections,
});

/** Returns the dimensions by name; `largest` limits the orders. */
export const dimensionsOf = (runtime: RuntimeName, largest: number): Record<string, Step[]> => ({
  orders: [1e3, 1e4, 1e5, 1e6, 1e7]
    .filter((orders) => orders <= largest)
    .map((orders) => ({
      contender: filled(runtime, orders),
      ask: purchases,
      connections: usualConnections,
    })),
  drops: [1, 10, 100, 1_000, 10_000].map((drops) => ofDrops(runtime, drops)),
  connections: [1, 10, 100, 1_000, 10_000].map((connections) =>
    ofConnections(runtime, connections, mixed, '60 % reads'),
  ),
  // Each connection has one purchase in the queue or at the writer.
  queue: [1, 10, 100, 1_000, 10_000].map((connections) =>
    ofConnections(runtime, connections, purchases, 'purchases only'),
  ),
});
