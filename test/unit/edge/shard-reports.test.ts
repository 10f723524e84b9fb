/** A shard's reports to relays: each change, batched and bounded, while a relay has listeners. */
import { expect, test } from 'vitest';
import { ShardReports } from '../../../src/edge/object/shard-reports.ts';
import type { ShardState } from '../../../src/edge/published.ts';
import { RELAY_REPORTS_PER_SECOND, SHARD_REPORTS_PER_SECOND } from '../../../src/edge/relay/limits.ts';
import { STOCK_INTERVAL_MS } from '../../../src/limits.ts';
import { silentLog } from '../../support/app-deps.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { plainDrop } from '../../support/plain-drop.ts';

const settled = () => new Promise((resolve) => setImmediate(resolve));

function shardWith(answer: () => Promise<boolean>, shards = 1) {
  const clock = new FakeClock();
  const kept = new Set<string>();
  const sent: { relay: string; seq: number; atMs: number }[] = [];
  const state: ShardState = { drop: plainDrop, shards, seq: 0, nextHoldExpiresAt: null };
  const make = () =>
    new ShardReports({
      relays: { list: () => kept, put: (relay) => kept.add(relay), delete: (relay) => kept.delete(relay) },
      shardId: 1,
      shards,
      state: () => ({ ...state }),
      send: (relay, _, { seq }) => {
        sent.push({ relay, seq, atMs: clock.monotonicMs() });
        return answer();
      },
      clock,
      log: silentLog,
    });
  const reports = make();
  return {
    kept,
    sent,
    reports,
    make,
    change: (to = reports) => {
      state.seq += 1;
      to.note();
    },
    pass: async (durationMs: number) => {
      for (let passed = 0; passed < durationMs; passed += 10) {
        clock.advance(10);
        await settled();
      }
    },
  };
}

test('the first change is sent at once, and the following ones are combined', async () => {
  const shard = shardWith(async () => true);
  shard.reports.add('1:europe:0');
  for (let change = 0; change < 50; change += 1) shard.change();
  await shard.pass(STOCK_INTERVAL_MS * 3);
  expect(shard.sent.map(({ seq }) => seq)).toEqual([1, 50]);
  // Nothing changes, and nothing is sent.
  await shard.pass(60_000);
  expect(shard.sent).toHaveLength(2);
});

test.each([
  ['many relays', 12, 1, SHARD_REPORTS_PER_SECOND],
  ['many shards', 1, 64, RELAY_REPORTS_PER_SECOND / 64],
])('are rate-limited for %s', async (_, relays, shards, perSecond) => {
  const shard = shardWith(async () => true, shards);
  for (let relay = 0; relay < relays; relay += 1) shard.reports.add(`1:europe:${relay}`);
  const seconds = 10;
  for (let moment = 0; moment < seconds * 100; moment += 1) {
    shard.change();
    await shard.pass(10);
  }
  expect(shard.sent.length).toBeLessThanOrEqual(perSecond * seconds + relays);
  expect(shard.sent.length).toBeGreaterThan((perSecond * seconds) / 2);
});

test('stop for a relay without listeners, unless it has subscribed again meanwhile', async () => {
  const shard = shardWith(async () => {
    if (shard.sent.length === 1) shard.reports.add('1:europe:0');
    return false;
  });
  shard.reports.add('1:europe:0');
  shard.change();
  await shard.pass(STOCK_INTERVAL_MS);
  expect([...shard.kept]).toEqual(['1:europe:0']);
  shard.change();
  await shard.pass(STOCK_INTERVAL_MS);
  expect([...shard.kept]).toEqual([]);
  shard.change();
  await shard.pass(STOCK_INTERVAL_MS);
  expect(shard.sent).toHaveLength(2);
});

test('continue after the shard has slept, and to a relay that was unreachable', async () => {
  let isAway = true;
  const shard = shardWith(async () => {
    if (isAway) throw new Error('away');
    return true;
  });
  shard.reports.add('1:asia:1');
  const awake = shard.make();
  shard.change(awake);
  await shard.pass(500);
  isAway = false;
  await shard.pass(10_000);
  expect(shard.sent.map(({ relay, seq }) => [relay, seq])).toEqual([
    ['1:asia:1', 1],
    ['1:asia:1', 1],
  ]);
});
