/** Planted faults: each still applies to the source, and every class of faults has one. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { choices } from '../../../bench/compare/choices.ts';
import { faultClasses } from '../../reliability/fault-classes.ts';
import { allFaults } from '../../reliability/planted/all-faults.ts';
import { placePatches } from '../../reliability/process/places.ts';
import { type Patch, patched } from '../../support/patched-copy.ts';
import { root } from '../../support/server-process.ts';

/** Throws where a patch does not apply. */
function patchAll(patches: readonly Patch[]): void {
  const texts = new Map<string, string>();
  for (const patch of patches) {
    const before = texts.get(patch.file) ?? readFileSync(join(root, patch.file), 'utf8');
    texts.set(patch.file, patched(before, patch));
  }
}

test('the places at which a server is made to fail are there', () => {
  expect(() => patchAll(placePatches)).not.toThrow();
});

test.each(choices)('the choice "$name" of bench:compare fits the source', ({ patches = [] }) => {
  expect(() => patchAll(patches)).not.toThrow();
});

describe('planted faults', () => {
  test.each(allFaults)('$name: fits the source, and its tests are there', ({ patches, tests }) => {
    patchAll(patches);
    expect(tests.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });

  test.each(allFaults)('$name: names the test whose assertion must fail', (fault) => {
    // A table in an older shape of Fault lacks the field.
    const { caughtBy = '' }: Partial<typeof fault> = fault;
    expect(caughtBy, 'caughtBy is a pattern of the full names of the tests that must fail').not.toBe('');
    expect(Object.keys(fault), 'caughtBy took the place of only').not.toContain('only');
    expect(() => new RegExp(caughtBy)).not.toThrow();
  });

  test('go by names that differ', () => {
    expect(new Set(allFaults.map(({ name }) => name)).size).toBe(allFaults.length);
  });

  test('are there for every class', () => {
    const planted = new Set(allFaults.map((fault) => fault.class));
    expect(faultClasses.filter((name) => !planted.has(name))).toEqual([]);
  });
});
