/** The one way to address an object: its key contains the jurisdiction. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  DROP_KEYS_END,
  dropKeys,
  jurisdictionOf,
  SHARDS_MAX,
  shardIdOf,
  UNCLAIMED,
} from '../../../src/domain/shard.ts';
import { objectAt } from '../../../src/edge/object-address.ts';
import { root } from '../../support/server-process.ts';

type Namespace = Parameters<typeof objectAt<object>>[0];

/** Records how it was addressed. */
const namespaceOf = (jurisdiction: string | null): Namespace => ({
  jurisdiction: (name) => namespaceOf(name),
  getByName: (name, options) => ({ jurisdiction, name, ...options }),
});

describe('the object of a shard', () => {
  test.each([
    ['a drop of a Node server', 1, null],
    ['the first drop', dropKeys.anywhere.first, null],
    ['the last drop without a jurisdiction', dropKeys.anywhere.end - 1, null],
    ['the first drop of the EU', dropKeys.eu.first, 'eu'],
    ['the last drop of the EU', DROP_KEYS_END - 1, 'eu'],
    ['a key of no drop', DROP_KEYS_END, null],
    ['the money that belongs to no order', UNCLAIMED, null],
  ])('is that of %s, in each shard', (_, dropId, jurisdiction) => {
    for (const shard of [0, 1, SHARDS_MAX - 1]) {
      const shardId = shardIdOf(dropId, shard);
      expect(jurisdictionOf(shardId)).toBe(jurisdiction);
      expect(objectAt(namespaceOf(null), shardId)).toEqual({ jurisdiction, name: String(shardId) });
      const hinted = objectAt(namespaceOf(null), shardId, 'weur');
      expect(hinted).toEqual({ jurisdiction, name: String(shardId), locationHint: 'weur' });
    }
  });

  test('has no other address', () => {
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
