/**
 * The plain application as a contender: a fresh file and process for each run, and a count of its
 * units.
 */

import { join } from 'node:path';
import { stopCleanly } from '../../../src/crowd/checkout-server.ts';
import { readAcknowledged } from '../../load/acknowledged.ts';
import type { Contender } from '../../rounds/contender.ts';
import { startServer } from '../../rounds/server.ts';
import type { Way } from './databases.ts';
import { countUnits, createFile } from './sold-units.ts';

/** `stock` is the total of all three items. */
export function plainApp(name: string, way: Way, stock: number): Contender {
  const items = ['S1', 'S2', 'S3'].map((sku) => ({ sku, stock: Math.floor(stock / 3) }));
  return {
    name,
    async start(folder) {
      const file = join(folder, 'app.db');
      createFile(file, items);
      const server = await startServer({ program: 'bench/compare/split/app-server.ts', args: [way, file] });
      return {
        url: server.url,
        pid: server.pid,
        drops: [{ id: 'drop', skus: items.map(({ sku }) => sku) }],
        secretKey: '',
        stop: () => stopCleanly(server),
        check: async (acknowledgedFile) =>
          Object.entries(countUnits(file, items, readAcknowledged(acknowledgedFile))).map(
            ([name, wrong]) => ({ name, passed: wrong === 0, detail: String(wrong), wrong }),
          ),
      };
    },
  };
}
