/** Titles of tests are read from the source; patterns of planted faults are compared with them. */
import { describe, expect, test } from 'vitest';
import { alternativesOf, alternativesWithoutTest } from '../../reliability/planted/title-pattern.ts';
import { createTitleReader, HOLE, type Titles } from '../../reliability/planted/titles.ts';

const titlesOf = createTitleReader();

describe('the titles of a test file', () => {
  test('have those of their groups before them, and holes for the values of rows', () => {
    expect(titlesOf(['test/contract/find-orders.test.ts']).fullNames).toEqual(
      expect.arrayContaining([
        `lost links on ${HOLE} a known and an unknown address get the same answer`,
        // Registered by a function whose name starts with `test`.
        `lost links on ${HOLE} an order of a moved drop is omitted`,
      ]),
    );
  });

  test('include those of a suite that the file calls, in each of its groups', () => {
    expect(titlesOf(['test/contract/purchase-refusals.test.ts']).fullNames).toContain(
      `refused purchases on ${HOLE} names ${HOLE}`,
    );
  });

  test('exclude those of a suite that the file does not call', () => {
    const { fullNames } = titlesOf(['test/contract/typed-input.test.ts']);
    expect(fullNames).not.toContain(`what people type on ${HOLE} ${HOLE}`);
  });
});

test('a pattern has alternatives at its top and in its groups', () => {
  expect(alternativesOf('on (?:node|bun) a (?:sale|refund)|a \\| b')).toEqual([
    'on node a sale',
    'on node a refund',
    'on bun a sale',
    'on bun a refund',
    'a \\| b',
  ]);
});

describe('a pattern', () => {
  const titles: Titles = {
    fullNames: ['a sale ends', `orders on ${HOLE} refuse ${HOLE}, and stay`],
    sources: ["const rows = ['an address', 'a name', { on: 'node' }];"],
  };

  test.each([
    'sale',
    'a .* ends',
    'on node refuse a name',
    'on node refuse .*name, and',
    'refuse an? name, and stay',
  ])('/%s/ matches a test', (pattern) => {
    expect(alternativesWithoutTest(pattern, titles)).toEqual([]);
  });

  test.each([
    'a sale begins',
    'on node accept a name',
    'refuse a phone',
    'refuse a name and stay',
    'on workerd refuse',
  ])('/%s/ matches none', (pattern) => {
    expect(alternativesWithoutTest(`${pattern}|a sale`, titles)).toEqual([pattern]);
  });

  test('that cannot be read is refused, where a title has holes', () => {
    expect(() => alternativesWithoutTest('refuse a [pn]ame', titles)).toThrow(/has "\[": write it with/);
  });
});
