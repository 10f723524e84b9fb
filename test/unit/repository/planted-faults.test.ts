/** Planted faults: what their headers say, and that every class of faults has one. */
import { describe, expect, test } from 'vitest';
import { faultClasses } from '../../reliability/fault-classes.ts';
import { problemsOf } from '../../reliability/planted/check.ts';
import { faultOf, patchNamed, readFaults } from '../../reliability/planted/fault.ts';

const path = 'test/reliability/planted/stock/a-unit-is-sold-twice.patch';
const header = [
  'Fault: a unit is sold twice',
  'Class: overload',
  'Test: test/property/shop.test.ts test/property/batch.test.ts',
  'Caught by: every invariant holds',
];
const diff = [
  'diff --git a/src/split/system-clock.ts b/src/split/system-clock.ts',
  '--- a/src/split/system-clock.ts',
  '+++ b/src/split/system-clock.ts',
  '@@ -1 +1 @@',
  '-  monotonicMs: () => performance.now(),',
  '+  monotonicMs: () => Date.now(),',
  '',
].join('\n');
const patchOf = (lines: readonly string[], change = diff): string => `${lines.join('\n')}\n\n${change}`;
const replaced = (line: number, text: string): string[] => header.with(line, text);

test('a header names the fault, its class, its tests and the assertion', () => {
  expect(faultOf(path, patchOf([...header, 'Failure: CHECK .* failed', '', 'A note: anything.']))).toEqual({
    name: 'a unit is sold twice',
    class: 'overload',
    patch: path,
    tests: ['test/property/shop.test.ts', 'test/property/batch.test.ts'],
    caughtBy: 'every invariant holds',
    message: 'CHECK .* failed',
  });
});

describe('the check of a patch file', () => {
  test('accepts a fault that applies', () => {
    expect(problemsOf(path, patchOf(header))).toEqual([]);
  });

  test.each<[string, string[], RegExp]>([
    ['lacks a line', header.slice(0, 3), /has no line "Caught by: …"/],
    ['has a line too many', [...header, 'Only: this'], /no field "Only"/],
    ['names no class', replaced(1, 'Class: overloads'), /no class "overloads"/],
    ['names no test file', replaced(2, 'Test: test/none.test.ts'), /test\/none.test.ts does not exist/],
    ['has a wrong pattern', replaced(3, 'Caught by: every ('), /Invalid regular expression/],
    ['names no test', replaced(3, 'Caught by: every promise holds'), /no test .* matches "every promise/],
    [
      'has an alternative that names no test',
      replaced(3, 'Caught by: every (?:invariant|promise) holds'),
      /no test .* matches "every promise holds"/,
    ],
    [
      'has another name than its file',
      replaced(0, 'Fault: a unit is lost'),
      /its name is a-unit-is-lost.patch/,
    ],
  ])('refuses a fault whose header %s', (_, lines, reason) => {
    expect(problemsOf(path, patchOf(lines)).join()).toMatch(reason);
  });

  test.each<[string, string, RegExp]>([
    ['without a change', '', /it has no diff/],
    ['of a test', diff.replaceAll('src/split/', 'test/unit/'), /is not part of src, drizzle/],
    ['of a file that was removed', diff.replaceAll('system-clock', 'clocks'), /clocks.ts does not exist/],
    ['of a line that was removed', diff.replace('-  monotonicMs', '-  monotonic'), /these lines 0 times/],
    ['that does not parse', diff.replace('+  monotonicMs:', '+  (monotonicMs:'), /does not parse/],
    ['whose counts are wrong', diff.replace('-1 +1', '-1 +1,2'), /^error: corrupt patch/],
  ])('refuses a patch %s', (_, change, reason) => {
    expect(problemsOf('test/other.patch', change).join()).toMatch(reason);
  });
});

describe('planted faults', () => {
  test('have distinct names', () => {
    const names = readFaults().map(({ name }) => name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  test('exist for every class', () => {
    const planted = new Set(readFaults().map((fault) => fault.class));
    expect(faultClasses.filter((name) => !planted.has(name))).toEqual([]);
  });

  test('are found by a unique part of their name', () => {
    expect(patchNamed('the stock check is missing')).toMatch(/stock\/the-stock-check-is-missing.patch$/);
    expect(() => patchNamed('a')).toThrow(/\d+ patch files have the name "a"/);
  });
});
