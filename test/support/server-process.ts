/** Starts the real server on loopback, as a separate process, for tests and benchmarks. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
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

export interface ProcessEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface ServerProcess {
  url: string;
  pid: number;
  adminToken: string;
  secretKey: string;
  databaseFile: string;
  /** Everything that the process has printed, both streams in order of arrival. */
  output: () => string;
  /** Resolves once the process has ended. */
  exited: Promise<ProcessEnd>;
  /** Sends SIGTERM and waits for the graceful end. */
  stop: () => Promise<ProcessEnd>;
  /** Sends SIGKILL and waits for the end. */
  kill: () => Promise<void>;
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
  // Tests start servers hundreds of times: a warm-up would add a second to each.
  WARM_UP: 'off',
};

const bin = (checkout: string, name: string): string => join(checkout, 'node_modules', '.bin', name);

/**
 * A new path for one database in an empty folder: of the test run, which deletes it at its end, or
 * of the system.
 */
export const scratchDatabase = (): string =>
  join(mkdtempSync(join(process.env.STAMPEDE_SCRATCH ?? tmpdir(), 'stampede-')), 'drop.db');

/** Spawns the server without waiting for it to listen, for starts that must fail. */
export function spawnServer(options: ServerOptions = {}): { child: ChildProcess; output: () => string } {
  const checkout = options.root ?? root;
  const program = options.program ?? 'src/runtime/main.mjs';
  const child = spawn(bin(checkout, options.runtime ?? 'node'), [program, ...(options.args ?? [])], {
    cwd: checkout,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      HOME: process.env.HOME,
      ...testEnvironment,
      DATABASE_FILE: options.databaseFile ?? scratchDatabase(),
      ...options.env,
    },
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      printed += chunk;
    });
  }
  return { child, output: () => printed };
}

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

/** Stops the server; throws with the end of its output if the exit code is not 0. */
export async function stopCleanly(server: ServerProcess): Promise<void> {
  const { code, signal } = await server.stop();
  if (code === 0) return;
  throw new Error(`The server ended with ${code ?? signal}. It printed:\n${server.output().slice(-2_000)}`);
}

export interface EndOfStart {
  code: number | null;
  signal: NodeJS.Signals | null;
  output: string;
}

/** Spawns a server that must not start; resolves to its end. Stops it if it listens or hangs. */
export async function startInVain(options: ServerOptions = {}): Promise<EndOfStart> {
  const { child, output } = spawnServer(options);
  const cameUp = (): boolean => /"msg":"listening"/.test(output());
  child.stdout?.on('data', () => cameUp() && child.kill('SIGTERM'));
  const tooLate = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  clearTimeout(tooLate);
  return { code, signal, output: output() };
}

/**
 * Spawns the server and waits for its `listening` log line. Throws with its output if it ends
 * first, or takes too long.
 */
export async function startServer(options: ServerOptions = {}): Promise<ServerProcess> {
  if (options.runtime === 'workerd') return (await import('./worker-process.ts')).startWorker(options);
  const databaseFile = options.databaseFile ?? scratchDatabase();
  const { child, output } = spawnServer({ ...options, databaseFile });
  const exited = once(child, 'exit').then(([code, signal]) => ({ code, signal }) as ProcessEnd);
  let gone = false;
  void exited.then(() => {
    gone = true;
  });
  const deadline = Date.now() + (options.startDeadlineMs ?? patienceMs);
  let url: string | undefined;
  while (url === undefined) {
    url = /"msg":"listening".*?"url":"(http:[^"]+)"|"url":"(http:[^"]+)".*?"msg":"listening"/
      .exec(output())
      ?.slice(1)
      .find((group) => group !== undefined);
    if (url !== undefined) break;
    if (gone || Date.now() > deadline) {
      child.kill('SIGKILL');
      const how = gone ? 'ended instead of listening' : 'did not listen in time';
      throw new Error(`The server ${how}. It printed:\n${output()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return {
    url,
    pid: child.pid ?? 0,
    adminToken: options.env?.ADMIN_TOKEN ?? testEnvironment.ADMIN_TOKEN,
    secretKey: options.env?.SECRET_KEY ?? testEnvironment.SECRET_KEY,
    databaseFile,
    output,
    exited,
    stop: () => {
      child.kill('SIGTERM');
      return exited;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
