/** Terminal output: columns, bars and lines, without control characters from buyers. */
import { describe, expect, test } from 'vitest';
import { fields, plain, sizeText, table } from '../../../src/cli/output.ts';
import { type ProgressStream, showProgress } from '../../../src/cli/progress.ts';

function fakeStream(isTTY: boolean): { stream: ProgressStream; written: string[] } {
  const written: string[] = [];
  return { stream: { isTTY, write: (text) => written.push(text) }, written };
}

const steps = [
  { step: 'copying', done: 0, total: 2_097_152 },
  { step: 'copying', done: 1_048_576, total: 2_097_152 },
  { step: 'copying', done: 2_097_152, total: 2_097_152 },
  { step: 'checking', done: 15, total: 15 },
] as const;

describe('progress', () => {
  test('is a bar on one line of a terminal, which is cleared at the end', () => {
    const { stream, written } = fakeStream(true);
    const progress = showProgress(stream);
    for (const step of steps) progress.report(step);
    progress.end();
    expect(written).toEqual([
      `\r\x1b[Kcopying  [${'.'.repeat(30)}]   0 % of 2.0 MiB`,
      `\r\x1b[Kcopying  [${'#'.repeat(15)}${'.'.repeat(15)}]  50 % of 2.0 MiB`,
      `\r\x1b[Kcopying  [${'#'.repeat(30)}] 100 % of 2.0 MiB`,
      `\r\x1b[Kchecking [${'#'.repeat(30)}] 100 % of 15 checks`,
      '\r\x1b[K',
    ]);
  });

  test('is a line per step without a terminal', () => {
    const { stream, written } = fakeStream(false);
    const progress = showProgress(stream);
    for (const step of steps) progress.report(step);
    progress.end();
    expect(written).toEqual(['copying: 2.0 MiB\n', 'checking: 15 checks\n']);
  });

  test('of zero steps is complete', () => {
    const { stream, written } = fakeStream(true);
    showProgress(stream).report({ step: 'copying', done: 0, total: 0 });
    expect(written[0]).toContain('0 % of 0 B');
  });
});

describe('text', () => {
  test('contains no terminal control characters', () => {
    expect(plain('Ada\u001b[2J\r\nLovelace\u0007')).toBe('Ada [2J Lovelace ');
    expect(table(['NAME'], [['A\tB']], 'none')).toBe('NAME\nA B');
    expect(fields([['name', 'A\nB']])).toBe('name  A B');
  });

  test('is aligned in columns', () => {
    expect(
      table(
        ['A', 'LONG'],
        [
          ['long', 1],
          [null, 22],
        ],
        'none',
      ),
    ).toBe('A     LONG\nlong  1\n-     22');
    expect(table(['A'], [], 'none')).toBe('none');
  });

  test.each([
    [0, '0 B'],
    [1_023, '1023 B'],
    [1_024, '1.0 KiB'],
    [126_976, '124.0 KiB'],
    [5 * 1024 ** 3, '5.0 GiB'],
    [2 ** 60, '1048576.0 TiB'],
  ])('shows %i bytes as %s', (bytes, text) => {
    expect(sizeText(bytes)).toBe(text);
  });
});
