/** Runs the server of a checkout, or another of its programs, as a child process. */
import { join } from 'node:path';
import { type SpawnedServer, spawnServer } from './server-process.ts';

export interface CheckoutServer {
  checkout: string;
  /** The name of an installed program; by default `node`. */
  runtime?: string;
  /** Relative to the checkout; by default the server. It logs `listening`, as the server does. */
  program?: string;
  args?: readonly string[];
  /** The whole configuration. */
  env: Readonly<Record<string, string>>;
}

/**
 * Spawns the program without waiting for it to listen. Of the caller's environment, it gets only
 * what every process needs.
 */
export function spawnOfCheckout(server: CheckoutServer, ofCaller: NodeJS.ProcessEnv): SpawnedServer {
  const { checkout, runtime = 'node', program = 'src/runtime/main.mjs', args = [], env } = server;
  const { PATH, NODE_COMPILE_CACHE, HOME } = ofCaller;
  return spawnServer({
    program: join(checkout, 'node_modules', '.bin', runtime),
    args: [program, ...args],
    cwd: checkout,
    env: { PATH, NODE_COMPILE_CACHE, HOME, ...env },
  });
}

/** Stops the server; throws with the end of its output if the exit code is not 0. */
export async function stopCleanly({ stop, output }: Pick<SpawnedServer, 'stop' | 'output'>): Promise<void> {
  const { code, signal } = await stop();
  if (code === 0) return;
  throw new Error(`The server ended with ${code ?? signal}. It printed:\n${output().slice(-2_000)}`);
}
