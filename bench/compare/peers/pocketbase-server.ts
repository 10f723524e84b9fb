/** A PocketBase server in a new folder, with the hooks and collections of `pocketbase/`. */
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type SpawnedServer, spawnServer } from '../../../src/crowd/server-process.ts';

const startDeadlineMs = 60_000;
/**
 * Interpreters that PocketBase keeps. More than the connections of the comparison: a request that
 * finds none builds one for itself, which takes milliseconds.
 */
const interpreters = 80;
const files = fileURLToPath(new URL('./pocketbase/', import.meta.url));

export interface PocketBase extends SpawnedServer {
  url: string;
}

/** Returns a port that was free. PocketBase does not print the port that the system picks for 0. */
function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const server = createServer().once('error', reject);
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
  });
  return promise;
}

/** Starts the server; rejects with the end of its output if it does not start. */
export async function startPocketBase(folder: string): Promise<PocketBase> {
  const host = `127.0.0.1:${await freePort()}`;
  const options = {
    http: host,
    dir: join(folder, 'data'),
    hooksDir: join(files, 'hooks'),
    migrationsDir: join(files, 'migrations'),
    hooksPool: interpreters,
    hooksWatch: false,
    automigrate: false,
    // By default, a program in the system's temporary folder prints every statement.
    dev: false,
  };
  const server = spawnServer({
    program: 'pocketbase',
    args: ['serve', ...Object.entries(options).map(([name, value]) => `--${name}=${value}`)],
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: process.env.HOME },
  });
  const deadline = Date.now() + startDeadlineMs;
  while (!server.output().includes('Server started')) {
    if (server.child.exitCode !== null || Date.now() > deadline) {
      await server.kill();
      throw new Error(`PocketBase did not start. It printed:\n${server.output().slice(-2_000)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return { ...server, url: `http://${host}` };
}
