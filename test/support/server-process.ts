/** Starts the real server on loopback, as a process of its own, for tests and benches. */
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
  /** Added to, and stronger than, the defaults below. */
  env?: Record<string, string>;
  args?: readonly string[];
  startDeadlineMs?: number;
  /** The checkout to run; this one when absent. */
  root?: string;
  /** The program to run, from the checkout's top; it must log that it listens, as the server does. */
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
  /** Everything the process has printed so far, both streams in order of arrival. */
  output: () => string;
  /** Resolves once the process is gone. */
  exited: Promise<ProcessEnd>;
  /** SIGTERM, then waits for the graceful end. */
  stop: () => Promise<ProcessEnd>;
  /** SIGKILL, then waits for the end. */
  kill: () => Promise<void>;
}

export const root = fileURLToPath(new URL('../../', import.meta.url));
/** What every server under test is configured with. */
export const testEnvironment = {
  HOST: '127.0.0.1',
  PORT: '0',
  SECRET_KEY: '5f0c1a9e7b42d386c4e81f73a05bd96281ce47fa3905db6e',
  ADMIN_TOKEN: 'q7Zt-3nXw_E9sKdV2mRhB8yC',
  PAYMENT_PROVIDERS: 'sandbox',
  RATE_LIMIT: 'off',
  // Hundreds of short starts: each would spend a second on speed that it does not need.
  WARM_UP: 'off',
};

const bin = (checkout: string, name: string): string => join(checkout, 'node_modules', '.bin', name);

/** A new path for one database, in an empty folder: of the run of tests, which removes it at its end, or of the system. */
export const scratchDatabase = (): string =>
  join(mkdtempSync(join(process.env.STAMPEDE_SCRATCH ?? tmpdir(), 'stampede-')), 'drop.db');

/** Spawns the server without waiting for it to listen: for starts that must fail. */
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

/** When the log says this, in epoch milliseconds; NaN if it never does. */
const loggedMs = (output: string, message: string): number => {
  const line = output.split('\n').find((text) => text.includes(`"msg":"${message}"`));
  return line === undefined ? Number.NaN : Date.parse((JSON.parse(line) as { time: string }).time);
};

/**
 * Whether a stop took less than the deadline after which the server cuts off requests, by its own log. Where it took
 * longer, the machine may have been too slow for what a test does during a stop.
 */
export const stoppedInTime = ({ output }: Pick<ServerProcess, 'output'>): boolean =>
  !(loggedMs(output(), 'stopped') - loggedMs(output(), 'stopping') >= STOP_REQUESTS_DEADLINE_MS);

/** Stops the server; throws with the end of its output if it did not end with 0. */
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

/** Spawns a server that must not come up; resolves with how it ended. It is told to stop where it listens, or hangs. */
export async function startInVain(options: ServerOptions = {}): Promise<EndOfStart> {
  const { child, output } = spawnServer(options);
  const cameUp = (): boolean => /"msg":"listening"/.test(output());
  child.stdout?.on('data', () => cameUp() && child.kill('SIGTERM'));
  const tooLate = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  clearTimeout(tooLate);
  return { code, signal, output: output() };
}

/** Spawns the server and waits for its `listening` log line. Throws with what it printed if it ends first, or takes too long. */
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
