/** A drop's load test on a sound server: GO despite the crash, only requested files are left. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { auditFile, readFile } from '../../../src/database/sqlite/file-rows.ts';
import type { Report } from '../../../src/load-test/report.ts';
import {
  leftBeside,
  loadTest,
  realBuyer,
  serversIn,
  smallCrowd,
  useShopFile,
  warmUpUnits,
} from '../../support/load-tested-drop.ts';

const shop = useShopFile();

describe('a load test with every invariant kept through the crash is GO', () => {
  test('on node, and leaves nothing behind', async () => {
    const args = ['--drop', 'spring', ...smallCrowd, '--json'];
    const { code, stdout, stderr } = await loadTest({ runtime: 'node', file: shop.file, args });
    expect(code, stdout + stderr).toBe(0);
    const report = JSON.parse(stdout) as Report;
    expect(report).toMatchObject({
      verdict: 'GO',
      reasons: [],
      drop: { slug: 'spring', units: warmUpUnits, perCustomer: 2, holdSeconds: 600 },
      server: { synchronous: 'FULL' },
      crowd: { buyers: 300, reads: 450, sent: expect.any(Number) },
      examination: { findings: [], oversold: [], overLimit: [], certificate: { violations: [] } },
      folder: null,
    });
    const { held = 0, replayed = 0, sold_out: soldOut = 0, paid = 0, read = 0 } = report.outcomes;
    expect(held + replayed).toBe(warmUpUnits);
    expect(held + replayed + soldOut).toBeGreaterThan(285);
    expect(paid).toBeGreaterThan(warmUpUnits / 3);
    expect(read).toBeGreaterThan(50);
    // The kill came during the sale: buyers without an answer retried until they had one.
    expect(report.latencyMs.purchase.before.count).toBeGreaterThanOrEqual(warmUpUnits / 2);
    expect(report.crowd.retried).toBeGreaterThan(0);
    expect(report.crash.ordersAfterMs).toBeGreaterThan(100);
    expect(leftBeside(shop.file)).toEqual([]);
    expect(serversIn(dirname(shop.file))).toEqual([]);
    expect(stderr).toContain('The server is killed\n');
    expect(stderr).not.toContain('\x1b');
  });

  test('on bun, and --keep leaves a valid database without real customers, and all requests', async () => {
    const args = ['--drop', 'spring', ...smallCrowd, '--keep'];
    const { code, stdout, stderr } = await loadTest({ runtime: 'bun', file: shop.file, args });
    expect(code, stdout + stderr).toBe(0);
    const [kept = ''] = leftBeside(shop.file);
    const folder = join(dirname(shop.file), kept);
    expect(stdout).toContain(`The evidence is kept in ${folder}\nGO`);
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(['calls.jsonl', 'load-test.db']));
    const copy = join(folder, 'load-test.db');
    expect(auditFile(copy)).toEqual([]);
    expect(readFileSync(copy).includes(realBuyer)).toBe(false);
    const emails = readFile(copy, (connection) =>
      connection.prepare<[], string>('select email from orders').pluck().all(),
    );
    expect(emails).toHaveLength(warmUpUnits);
    expect(emails.every((email) => /^buyer-\d+@load-test\.example$/.test(email))).toBe(true);
    const lines = readFileSync(join(folder, 'calls.jsonl'), 'utf8').trimEnd().split('\n');
    expect(lines.filter((line) => line.includes('"call":"purchase"')).length).toBeGreaterThan(285);
  });
});
