/** What an object stores apart from its rows: the names are the same in every version. */
import { expect, test } from 'vitest';
import { keepReport, keptReport } from '../../../src/edge/object/kept-report.ts';
import { keepShard, keptShard } from '../../../src/edge/object/kept-shard.ts';

function values(...stored: [string, unknown][]) {
  const map = new Map(stored);
  return {
    map,
    get: <T>(key: string) => map.get(key) as T | undefined,
    put: <T>(key: string, value: T) => void map.set(key, value),
  };
}

test('an object that an earlier version stored wakes with its shard', () => {
  expect(keptShard(values(['place', 65_536 + 2 ** 20], ['lanes', 6]))).toEqual({
    shardId: 65_536 + 2 ** 20,
    shards: 6,
  });
  expect(keptShard(values(['place', 65_536]))).toEqual({ shardId: 65_536, shards: 1 });
  expect(keptShard(values())).toBeNull();
});

test('an object is stored under the names that earlier versions read', () => {
  const kv = values();
  keepShard(kv, { shardId: 65_536, shards: 6 });
  expect([...kv.map]).toEqual([
    ['place', 65_536],
    ['lanes', 6],
  ]);
});

test('an object whose customers an earlier version reported does not report them again', () => {
  expect(keptReport(values(['customers told', 7]))).toBe(7);
  expect(keptReport(values())).toBeNull();
  const kv = values();
  keepReport(kv, 8);
  expect([...kv.map]).toEqual([['customers told', 8]]);
});
