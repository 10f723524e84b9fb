/** Load tests that fail (NO GO), are refused or are interrupted: they leave nothing behind. */
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Report } from '../../src/load-test/report.ts';
import {
  leftBeside,
  loadTest,
  publicDropId,
  serversIn,
  smallCrowd,
  useShopFile,
} from '../support/load-tested-drop.ts';
import { copyPatched, folderForCopy } from '../support/patched-copy.ts';

const shop = useShopFile();

describe('a load test that fails', () => {
  test('is NO GO where purchases are too slow', async () => {
    const args = ['--drop', publicDropId, ...smallCrowd, '--p99', '1'];
    const { code, stdout, stderr } = await loadTest({ runtime: 'node', file: shop.file, args });
    expect(code, stdout + stderr).toBe(1);
    expect(stdout).toMatch(
      /\nNO GO\n {2}- Purchases were slow: 1 of 100 took \d+ ms or more before the crash/,
    );
    expect(stdout).toMatch(/Certificate {2}clean/);
    expect(leftBeside(shop.file)).toEqual([]);
  });

  test.each(['The server starts', 'The crowd arrives', 'The server is killed'])(
    'leaves nothing behind after Ctrl-C at: %s',
    async (interruptAt) => {
      const args = ['--drop', 'spring', ...smallCrowd];
      const { code, stdout } = await loadTest({ runtime: 'node', file: shop.file, args, interruptAt });
      expect([code, stdout]).toEqual([130, '']);
      expect(leftBeside(shop.file)).toEqual([]);
      await expect.poll(() => serversIn(dirname(shop.file))).toEqual([]);
    },
  );
});

describe('what cannot be load-tested', () => {
  test.each([
    ['a drop that is not there', ['--drop', 'autumn'], /There is no drop "autumn" in/],
    ['an id of another shop', ['--drop', 'drp_AAAAAAAAAAAAAAAAAAAAAA'], /There is no drop "drp_A+" in/],
    ['a file that is not there', ['--drop', 'spring', '--file', '/nowhere/shop.db'], /does not exist/],
    ['no drop', [], /required option '--drop/],
    ['a crowd without a middle', ['--drop', 'spring', '--rate', '90000'], /lower rate/],
    ['no number', ['--drop', 'spring', '--buyers', 'many'], /whole number/],
    ['more than a whole', ['--drop', 'spring', '--paid', '1.5'], /from 0 to 1/],
  ])('%s is refused with 2 and one line', async (_, args, words) => {
    const { code, stdout, stderr } = await loadTest({ runtime: 'node', file: shop.file, args });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(words);
    expect(stderr.trimEnd()).not.toContain('\n');
    expect(leftBeside(shop.file)).toEqual([]);
  });

  test('a server that does not start with the current settings', async () => {
    const args = ['--drop', 'spring', ...smallCrowd];
    const env = { WRITE_BATCH_MAX: '20', WRITE_QUEUE_MAX: '10' };
    const { code, stdout, stderr } = await loadTest({ runtime: 'node', file: shop.file, args, env });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('WRITE_BATCH_MAX');
    expect(leftBeside(shop.file)).toEqual([]);
  });
});

const faults = 'test/contract/load-test-faults';
const noStockCheck =
  'test/reliability/planted/stock/the-stock-check-and-the-check-constraint-are-missing.patch';

describe('a load test against a server with a fault', () => {
  test.each([
    ['loses orders', [`${faults}/loses-orders.patch`], 'orders', /, but is lost/],
    [
      'oversells',
      [noStockCheck, `${faults}/offers-too-much.patch`],
      'oversold',
      /promised and \d+ in the file, of 40/,
    ],
    [
      'answers reads with an error',
      [`${faults}/fails-drop-reads.patch`],
      'errors',
      /a read was answered by 500 internal/,
    ],
  ] as const)('that %s is NO GO', async (_, patches, reason, words) => {
    const checkout = folderForCopy();
    try {
      copyPatched(checkout, ['src', 'drizzle', 'package.json'], patches);
      const args = ['--drop', 'spring', ...smallCrowd, '--json'];
      const { code, stdout, stderr } = await loadTest({ runtime: 'node', file: shop.file, args, checkout });
      expect(code, stdout + stderr).toBe(1);
      const report = JSON.parse(stdout) as Report;
      expect(report.verdict).toBe('NO GO');
      const found = report.reasons.find(({ code: each }) => each === reason);
      expect(found?.detail, JSON.stringify(report.reasons)).toMatch(words);
      expect(leftBeside(shop.file)).toEqual([]);
    } finally {
      rmSync(checkout, { recursive: true });
    }
  });
});
