/**
 * The real server on a scratch database, as a process that can be killed and restarted on its port.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { isExecutable } from '../split/program-files.ts';
import { LOAD_TEST_START_MS, LOAD_TEST_STOP_MS } from './limits.ts';

/** Without `.env`, whose settings could send mail and webhooks to real recipients. */
const program = isExecutable
  ? 'load-tested-server'
  : fileURLToPath(new URL('../runtime/main.mjs', import.meta.url));

/** Variables that decide how the server runs. All others could reach real recipients. */
const keptVariables = [
  'PATH',
  'HOME',
  'NODE_OPTIONS',
  'UV_THREADPOOL_SIZE',
  'SYNCHRONOUS',
  'HTTP_THREADS',
  'WRITE_QUEUE_MAX',
  'WRITE_DEADLINE_MS',
  'WRITE_BATCH_MAX',
  'MAX_READ_CONNS',
  'BUSY_TIMEOUT_MS',
  'WARM_UP',
];

export type Environment = Readonly<Record<string, string | undefined>>;

export const settingsOf = (environment: Environment): Record<string, string> =>
  Object.fromEntries(
    keptVariables.flatMap((name) => {
      const value = environment[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );

export interface ServerSettings {
  databaseFile: string;
  port: number;
  secretKey: string;
  adminToken: string;
  environment: Environment;
}

const outputCharactersMax = 16_384;
const listening = /"msg":"listening"/;

export class ServerUnderTest {
  readonly host: string;
  readonly #env: Record<string, string>;
  #child: ChildProcess | undefined;
  #exited: Promise<number | null> = Promise.resolve(null);
  #output = '';
  #isAbandoned = false;

  constructor({ databaseFile, port, secretKey, adminToken, environment }: ServerSettings) {
    this.host = `127.0.0.1:${port}`;
    this.#env = {
      ...settingsOf(environment),
      DATABASE_FILE: databaseFile,
      HOST: '127.0.0.1',
      PORT: String(port),
      SECRET_KEY: secretKey,
      ADMIN_TOKEN: adminToken,
      PAYMENT_PROVIDERS: 'sandbox',
      RATE_LIMIT: 'off',
      LOG_LEVEL: 'info',
    };
  }

  /**
   * Resolves once the server listens. Rejects with its last output if it ends or takes too long.
   */
  async start(): Promise<void> {
    if (this.#isAbandoned) throw new Error('The load test was broken off.');
    this.#output = '';
    const child = spawn(process.execPath, [program], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: this.#env,
    });
    this.#child = child;
    this.#exited = once(child, 'exit').then(([code]) => code as number | null);
    const listens = new Promise<void>((resolve) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream?.setEncoding('utf8').on('data', (text: string) => {
          this.#output = (this.#output + text).slice(-outputCharactersMax);
          if (listening.test(this.#output)) resolve();
        });
      }
    });
    const deadline = after(LOAD_TEST_START_MS);
    const first = await Promise.race([
      listens.then(() => 'listens' as const),
      this.#exited.then(() => 'ended' as const),
      deadline.passed.then(() => 'late' as const),
    ]);
    deadline.cancel();
    if (first === 'listens') return;
    await this.kill();
    const said = this.#output.trim().split('\n').slice(-3).join(' ');
    const what = first === 'late' ? `did not listen within ${LOAD_TEST_START_MS / 1000} s` : 'did not start';
    throw new Error(`The server ${what}. It said: ${said || 'nothing'}`);
  }

  /** Sends SIGKILL; resolves once the process is gone. */
  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#exited;
  }

  /** Sends SIGTERM; resolves with the exit code, or null if the server had to be killed. */
  async stop(): Promise<number | null> {
    this.#child?.kill('SIGTERM');
    const deadline = after(LOAD_TEST_STOP_MS);
    const code = await Promise.race([this.#exited, deadline.passed.then(() => undefined)]);
    deadline.cancel();
    if (code === undefined) await this.kill();
    return code ?? null;
  }

  /** Kills the server without waiting, and prevents a restart. */
  abandon(): void {
    this.#isAbandoned = true;
    this.#child?.kill('SIGKILL');
  }
}

function after(ms: number): { passed: Promise<void>; cancel: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  return { passed: promise, cancel: () => clearTimeout(timer) };
}
