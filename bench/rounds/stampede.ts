/** Stampede's own server as a contender, from any checkout. */
import { join } from 'node:path';
import { type RuntimeName, type ServerOptions, startServer } from '../../test/support/server-process.ts';
import { checkServer } from '../load/check-server.ts';
import { createDrop, readSynchronous } from '../load/drop-for-load.ts';
import type { Contender } from './contender.ts';

export interface StampedeSettings {
  name: string;
  runtime: RuntimeName;
  /** Units for sale over all items. */
  stock: number;
  env?: Record<string, string>;
  /** The checkout; this one when absent. */
  root?: string;
  /** The program; the server when absent. */
  program?: string;
}

/** Warmed up, at FULL, with one open drop. */
export const stampede = ({ name, runtime, stock, env, root, program }: StampedeSettings): Contender => ({
  name,
  async start(folder) {
    const options: ServerOptions = {
      runtime,
      databaseFile: join(folder, 'drop.db'),
      env: { WARM_UP: 'on', ...env },
      ...(root !== undefined && { root }),
      ...(program !== undefined && { program }),
    };
    const server = await startServer(options);
    try {
      const synchronous = await readSynchronous(server);
      if (synchronous !== 'FULL') throw new Error(`${name} runs at ${synchronous}.`);
      const drop = await createDrop(server, stock);
      return {
        url: server.url,
        pid: server.pid,
        dropId: drop.id,
        skus: drop.skus,
        stop: () => server.stop(),
        check: (acknowledgedFile, unknown) => checkServer(server, acknowledgedFile, unknown),
      };
    } catch (error) {
      await server.kill();
      throw error;
    }
  },
});
