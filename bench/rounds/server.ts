/** Starts the servers to measure, of this checkout or another one, on loopback. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawnOfCheckout } from '../../src/crowd/checkout-server.ts';
import type { SpawnedServer } from '../../src/crowd/server-process.ts';

export type RuntimeName = 'node' | 'bun';

export interface ServerOptions {
  runtime?: RuntimeName;
  /** By default a new file in a new folder. */
  databaseFile?: string;
  /** Added to the environment below. */
  env?: Record<string, string>;
  args?: readonly string[];
  startDeadlineMs?: number;
  /** The checkout; by default this one. */
  root?: string;
  /** The program, relative to the checkout; by default the server. */
  program?: string;
}

export interface MeasuredServer extends SpawnedServer {
  url: string;
  adminToken: string;
  secretKey: string;
  databaseFile: string;
}

export const root = fileURLToPath(new URL('../../', import.meta.url));
const environment = {
  HOST: '127.0.0.1',
  PORT: '0',
  SECRET_KEY: 'c2b7f04d91e85a36770f1de4b8a9236c5e40d1f79b8823ac',
  ADMIN_TOKEN: 'Hq4m-8TzWx_2pVnCsK7rLdYb',
  PAYMENT_PROVIDERS: 'sandbox',
  RATE_LIMIT: 'off',
  HTTP_THREADS: '1',
  WARM_UP: 'off',
};
const defaultDeadlineMs = 60_000;

/** Returns a new empty folder; the caller removes it. */
export const scratchFolder = (): string => mkdtempSync(join(tmpdir(), 'stampede-'));

const bundled = new Set<string>();

/** Bundles a checkout's server once, as a deployment does; earlier versions have no bundle. */
function bundleServer(checkout: string): void {
  if (bundled.has(checkout)) return;
  bundled.add(checkout);
  const program = join('build', 'server.ts');
  if (!existsSync(join(checkout, program))) return;
  execFileSync(process.execPath, [program, '--if-missing'], { cwd: checkout });
}

/** Starts a server and waits until it listens. Throws with its output if it does not. */
export async function startServer(options: ServerOptions = {}): Promise<MeasuredServer> {
  const databaseFile = options.databaseFile ?? join(scratchFolder(), 'drop.db');
  const checkout = options.root ?? root;
  bundleServer(checkout);
  const server = spawnOfCheckout(
    {
      ...options,
      checkout,
      env: { ...environment, DATABASE_FILE: databaseFile, ...options.env },
    },
    process.env,
  );
  const url = await server.listening(options.startDeadlineMs ?? defaultDeadlineMs);
  const { ADMIN_TOKEN: adminToken, SECRET_KEY: secretKey } = environment;
  return { ...server, url, adminToken, secretKey, databaseFile };
}
