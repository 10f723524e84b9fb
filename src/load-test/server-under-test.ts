/**
 * The real server with a scratch database, as a process that can be killed and restarted on its
 * port.
 */
import { fileURLToPath } from 'node:url';
import { type SpawnedServer, spawnServer } from '../crowd/server-process.ts';
import { isExecutable } from '../split/program-files.ts';
import { LOAD_TEST_START_MS, LOAD_TEST_STOP_MS, LOAD_TEST_WARM_UP_MS } from './limits.ts';

/** Does not read `.env`, whose settings could send mail and webhooks to real recipients. */
const program = isExecutable
  ? 'load-tested-server'
  : fileURLToPath(new URL('../runtime/main.mjs', import.meta.url));

/**
 * Variables that affect the server's speed. Others are not passed: they could reach real
 * recipients.
 */
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

export class ServerUnderTest {
  /** Without a path. */
  readonly url: string;
  readonly #env: Record<string, string>;
  #server: SpawnedServer | undefined;
  #isAbandoned = false;

  constructor({ databaseFile, port, secretKey, adminToken, environment }: ServerSettings) {
    this.url = `http://127.0.0.1:${port}`;
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
    if (this.#isAbandoned) throw new Error('The load test was aborted.');
    this.#server = spawnServer({
      program: process.execPath,
      args: [program],
      env: this.#env,
      outputCharactersMax,
    });
    await this.#server.listening(LOAD_TEST_START_MS);
  }

  /** Resolves once the server has warmed up, as it has when a drop opens. */
  async warmedUp(): Promise<void> {
    if (this.#env.WARM_UP !== 'off') await this.#server?.warmedUp(LOAD_TEST_WARM_UP_MS);
  }

  /** Sends SIGKILL; resolves once the process is gone. */
  async kill(): Promise<void> {
    await this.#server?.kill();
  }

  /** Sends SIGTERM; resolves with the exit code, or null if the server had to be killed. */
  async stop(): Promise<number | null> {
    return (await this.#server?.stop(LOAD_TEST_STOP_MS))?.code ?? null;
  }

  /** Kills the server without waiting, and prevents a restart. */
  abandon(): void {
    this.#isAbandoned = true;
    this.#server?.child.kill('SIGKILL');
  }
}
