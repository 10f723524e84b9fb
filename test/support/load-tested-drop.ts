/** A shop's database with sales in its drop, and `npm run load-test` on it as typed. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { migrateFile } from '../../src/database/sqlite/migrate.ts';
import { commitShopCommands } from '../../src/database/sqlite/shop-commands.ts';
import { createIds } from '../../src/ids/ids.ts';
import { openWriter } from '../../src/split/connection.ts';
import type { CommandEnd } from './operator-command.ts';
import { type RuntimeName, root } from './server-process.ts';

export const warmUpUnits = 60;
/** A real buyer, whose address must not appear anywhere else. */
export const realBuyer = 'ada.real@shop.example';
const secretKey = 'c81f4e0a97d35b62e0476b1d9fa3852c7be4';
export const publicDropId = createIds(secretKey).drop(1);

/** A small crowd, long enough for a crash and the recovery on a machine busy with tests. */
export const smallCrowd = ['--buyers', '300', '--rate', '75', '--p99', '20000'];

/** The path of a new file in a new folder on a disk; no process has it open. */
function makeShopFile(): string {
  const file = join(mkdtempSync(join(tmpdir(), 'stampede-shop-')), 'shop.db');
  const connection = openWriter({ file, busyTimeoutMs: 1_000, synchronous: 'FULL' });
  migrateFile(connection);
  const committer = commitShopCommands(connection);
  const drop = {
    slug: 'spring',
    title: 'Spring',
    description: 'A pair of shoes.',
    imageUrl: null,
    currency: 'EUR',
    perCustomer: 2,
    startsAt: Date.now(),
    endsAt: null,
    holdSeconds: 600,
    published: true,
    items: [
      { sku: 'M', name: 'Medium', price: 4_900, stock: 40 },
      { sku: 'L', name: 'Large', price: 5_100, stock: warmUpUnits - 40 },
      { sku: 'XL', name: 'Larger', price: 5_100, stock: 0 },
    ],
  };
  committer.commit([{ kind: 'createDrop', actor: 'operator', drop }], Date.now());
  const contact = { email: realBuyer, name: 'Ada Real', phone: null, address: null };
  const hold = { items: [{ itemId: 1, quantity: 1 }], customer: 'ada', customerPhone: null, contact };
  committer.commit(
    [{ kind: 'placeHold', ...hold, idempotencyKey: 'h1 a', plainKey: null, fingerprint: 'body' }],
    Date.now(),
  );
  connection.close();
  return file;
}

const hashOf = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

/**
 * Gives each test of a file its own shop database. A load test only reads the operator's file,
 * however it ends.
 */
export function useShopFile(): { readonly file: string } {
  const shop = { file: '' };
  let hashBefore = '';
  beforeEach(() => {
    shop.file = makeShopFile();
    hashBefore = hashOf(shop.file);
  });
  afterEach(() => {
    expect(hashOf(shop.file)).toBe(hashBefore);
    rmSync(dirname(shop.file), { recursive: true });
  });
  return shop;
}

/** The files that load tests left next to the database. */
export const leftBeside = (file: string): string[] =>
  readdirSync(dirname(file)).filter((name) => name.startsWith('load-test-'));

/** The servers on this machine that work in a folder, by their environment. */
export const serversIn = (folder: string): string[] =>
  readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`DATABASE_FILE=${folder}`);
    } catch {
      // The process has ended, or belongs to another user.
      return false;
    }
  });

export interface LoadTestRun {
  runtime: RuntimeName;
  file: string;
  args: readonly string[];
  env?: Record<string, string>;
  /** The checkout to run; this one when absent. */
  checkout?: string;
  /** Sends Ctrl-C once the progress contains this text. */
  interruptAt?: string;
}

/** Runs a load test to its end. */
export async function loadTest(run: LoadTestRun): Promise<CommandEnd> {
  const { runtime, file, args, env, checkout = root, interruptAt } = run;
  const [, ...words] = packageJson.scripts['load-test'].split(' ');
  const child = spawn(join(root, 'node_modules/.bin', runtime), [...words, ...args], {
    cwd: checkout,
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      DATABASE_FILE: file,
      SECRET_KEY: secretKey,
      WARM_UP: 'off',
      ...env,
    },
  });
  const said = { stdout: '', stderr: '' };
  let isInterrupted = false;
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
      if (isInterrupted || interruptAt === undefined || !said.stderr.includes(interruptAt)) return;
      isInterrupted = true;
      child.kill('SIGINT');
    });
  }
  const [code] = await once(child, 'close');
  return { code: code as number | null, ...said };
}
