/** Starts the real server on loopback, as a separate process, with the configuration of tests. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawnOfCheckout } from '../../src/crowd/checkout-server.ts';
import type { ProcessEnd, SpawnedServer } from '../../src/crowd/server-process.ts';
import { STOP_REQUESTS_DEADLINE_MS } from '../../src/limits.ts';
import { patienceMs } from './patience.ts';

export type RuntimeName = 'node' | 'bun' | 'workerd';

export interface ServerOptions {
  runtime?: RuntimeName;
  /** A file that outlives the process; a new one in a new folder when absent. */
  databaseFile?: string;
  /** Overrides the defaults below. */
  env?: Record<string, string>;
  args?: readonly string[];
  startDeadlineMs?: number;
  /** The checkout to run; this one when absent. */
  root?: string;
  /** The program to run, relative to the checkout; it must log `listening`, as the server does. */
  program?: string;
}

export interface ServerProcess extends Pick<SpawnedServer, 'pid' | 'output' | 'exited' | 'kill'> {
  url: string;
  adminToken: string;
  secretKey: string;
  databaseFile: string;
  /** Sends SIGTERM and waits for the graceful end. */
  stop: () => Promise<ProcessEnd>;
}

export const root = fileURLToPath(new URL('../../', import.meta.url));
/** The configuration of every server under test. */
export const testEnvironment = {
  HOST: '127.0.0.1',
  PORT: '0',
  SECRET_KEY: '5f0c1a9e7b42d386c4e81f73a05bd96281ce47fa3905db6e',
  ADMIN_TOKEN: 'q7Zt-3nXw_E9sKdV2mRhB8yC',
  PAYMENT_PROVIDERS: 'sandbox',
  RATE_LIMIT: 'off',
  // On every machine alike.
  HTTP_THREADS: '1',
  // Tests start servers hundreds of times: a warm-up would add a second to each.
  WARM_UP: 'off',
};

/**
 * A new path for one database in an empty folder: of the test run, which deletes it at its end, or
 * of the system.
 */
export const scratchDatabase = (): string =>
  join(mkdtempSync(join(process.env.STAMPEDE_SCRATCH ?? tmpdir(), 'stampede-')), 'drop.db');

/** Spawns the server without waiting for it to listen, for starts that must fail. */
export const spawnServer = (options: ServerOptions = {}): SpawnedServer =>
  spawnOfCheckout(
    {
      ...options,
      checkout: options.root ?? root,
      env: {
        ...testEnvironment,
        DATABASE_FILE: options.databaseFile ?? scratchDatabase(),
        ...options.env,
      },
    },
    process.env,
  );

/** The time at which the log has this message, in epoch milliseconds; NaN if it never does. */
const loggedMs = (output: string, message: string): number => {
  const line = output.split('\n').find((text) => text.includes(`"msg":"${message}"`));
  return line === undefined ? Number.NaN : Date.parse((JSON.parse(line) as { time: string }).time);
};

/**
 * Whether a stop, by the server's log, took less than the deadline after which it cuts off
 * requests. Otherwise the machine may have been too slow for what a test does during a stop.
 */
export const stoppedInTime = ({ output }: Pick<ServerProcess, 'output'>): boolean =>
  !(loggedMs(output(), 'stopped') - loggedMs(output(), 'stopping') >= STOP_REQUESTS_DEADLINE_MS);

export interface EndOfStart extends ProcessEnd {
  output: string;
}

/** Spawns a server that must not start; resolves to its end. Stops it if it listens or hangs. */
export async function startExpectingFailure(options: ServerOptions = {}): Promise<EndOfStart> {
  const server = spawnServer(options);
  // After its start it is stopped; a failed start has ended it.
  await server.listening(patienceMs).then(
    () => server.stop(),
    () => undefined,
  );
  return { ...(await server.exited), output: server.output() };
}

/** Spawns the server and waits until it listens. Throws with its output if it does not. */
export async function startServer(options: ServerOptions = {}): Promise<ServerProcess> {
  if (options.runtime === 'workerd') return (await import('./worker-process.ts')).startWorker(options);
  const databaseFile = options.databaseFile ?? scratchDatabase();
  const server = spawnServer({ ...options, databaseFile });
  return {
    ...server,
    url: await server.listening(options.startDeadlineMs ?? patienceMs),
    adminToken: options.env?.ADMIN_TOKEN ?? testEnvironment.ADMIN_TOKEN,
    secretKey: options.env?.SECRET_KEY ?? testEnvironment.SECRET_KEY,
    databaseFile,
  };
}
