/** Stampede's own server as a contender, from any checkout. */
import { join } from 'node:path';
import { readSynchronous } from '../../src/crowd/operator.ts';
import { checkServer } from '../load/check-server.ts';
import { createDrops, type DropsForLoad } from '../load/drop-for-load.ts';
import type { Contender } from './contender.ts';
import { type RuntimeName, type ServerOptions, startServer } from './server.ts';

const warmUpMaxMs = 5_000;

export interface StampedeSettings extends Partial<DropsForLoad> {
  name: string;
  runtime: RuntimeName;
  /** Units for sale over all items. */
  stock: number;
  env?: Record<string, string>;
  /** The `synchronous` setting that it must have; by default FULL. */
  synchronous?: 'FULL' | 'NORMAL';
  /** The checkout; by default this one. */
  root?: string;
  /** The program; by default the server. */
  program?: string;
}

/**
 * Returns a contender: warmed up, at FULL, with open drops; by default one drop with three items.
 */
export const stampede = ({
  name,
  runtime,
  stock,
  drops = 1,
  itemsPerDrop = 3,
  env,
  synchronous = 'FULL',
  root,
  program,
}: StampedeSettings): Contender => ({
  name,
  async start(folder) {
    const options: ServerOptions = {
      runtime,
      databaseFile: join(folder, 'drop.db'),
      env: { WARM_UP: 'on', ...env },
      ...(root !== undefined && { root }),
      ...(program !== undefined && { program }),
    };
    const fromMs = performance.now();
    const server = await startServer(options);
    try {
      const found = await readSynchronous(server);
      const firstAnswerMs = performance.now() - fromMs;
      if (found !== synchronous) throw new Error(`${name} runs at ${found}.`);
      // Earlier versions warmed up before they listened, and did not log it.
      await server.warmedUp(warmUpMaxMs);
      const open = await createDrops(server, { stock, drops, itemsPerDrop });
      return {
        url: server.url,
        pid: server.pid,
        firstAnswerMs,
        drops: open,
        secretKey: server.secretKey,
        stop: () => server.stop(),
        check: (acknowledgedFile, reported) => checkServer(server, acknowledgedFile, reported),
      };
    } catch (error) {
      await server.kill();
      throw error;
    }
  },
});
