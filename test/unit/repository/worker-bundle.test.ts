/** The bundle of a deployment: small enough, and without code that only Node or Bun can run. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { workerBundle } from '../../support/worker-bundle.ts';

/**
 * Cloudflare's limit is 3 MB; every isolate compiles the bundle before its first answer.
 * nodemailer, for SMTP from Workers, is 95 KiB of it, and is evaluated only where SMTP_URL is set.
 */
const gzippedBytesMax = 540 * 1024;

describe('the bundle of the Worker', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await workerBundle();
  });

  test('stays under 540 KiB gzipped', () => {
    expect(gzipSync(readFileSync(join(folder, 'worker.js'))).length).toBeLessThan(gzippedBytesMax);
  });

  test('contains no SQLite driver, thread or Node server', () => {
    const { sources } = JSON.parse(readFileSync(join(folder, 'worker.js.map'), 'utf8')) as {
      sources: string[];
    };
    expect(sources.length).toBeGreaterThan(100);
    const foreign =
      /better-sqlite3\/(?:lib|src)|drizzle-orm\/better-sqlite3|node-server|node_modules\/pino|src\/database\/sqlite|-thread\.ts/;
    expect(sources.filter((source) => foreign.test(source))).toEqual([]);
    expect(readFileSync(join(folder, 'worker.js'), 'utf8')).not.toMatch(/from "(?:node:)?worker_threads"/);
  });
});
