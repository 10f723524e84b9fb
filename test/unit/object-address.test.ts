/** The one way to an object: its key tells the jurisdiction, and nothing else may address it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  DROP_KEYS_END,
  dropKeys,
  jurisdictionOf,
  LANES_MAX,
  placeOf,
  UNCLAIMED,
} from '../../src/domain/shard.ts';
import { objectAt } from '../../src/edge/object-address.ts';
import { root } from '../support/server-process.ts';

type Namespace = Parameters<typeof objectAt<object>>[0];

/** Says how it was asked. */
const namespaceOf = (jurisdiction: string | null): Namespace => ({
  jurisdiction: (name) => namespaceOf(name),
  getByName: (name, options) => ({ jurisdiction, name, ...options }),
});

describe('the object of a place', () => {
  test.each([
    ['a drop of a machine', 1, null],
    ['the first drop', dropKeys.anywhere.first, null],
    ['the last drop without a jurisdiction', dropKeys.anywhere.end - 1, null],
    ['the first drop of the EU', dropKeys.eu.first, 'eu'],
    ['the last drop of the EU', DROP_KEYS_END - 1, 'eu'],
    ['a key that no drop has', DROP_KEYS_END, null],
    ['the money that belongs to no order', UNCLAIMED, null],
  ])('is that of %s, in each shard', (_, dropId, jurisdiction) => {
    for (const lane of [0, 1, LANES_MAX - 1]) {
      const place = placeOf(dropId, lane);
      expect(jurisdictionOf(place)).toBe(jurisdiction);
      expect(objectAt(namespaceOf(null), place)).toEqual({ jurisdiction, name: String(place) });
      const hinted = objectAt(namespaceOf(null), place, 'weur');
      expect(hinted).toEqual({ jurisdiction, name: String(place), locationHint: 'weur' });
    }
  });

  test('is addressed nowhere else', () => {
    const folder = join(root, 'src/runtime');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.ts'),
    );
    expect(files.length).toBeGreaterThan(20);
    const addressing = files.filter((file) =>
      /DROPS\s*\.\s*(?:getByName|idFrom|get\b|jurisdiction)/.test(readFileSync(join(folder, file), 'utf8')),
    );
    expect(addressing).toEqual([]);
  });
});
