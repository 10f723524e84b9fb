/** What a lane reports to relays: each change, gathered and bounded, for as long as a relay has listeners. */
import { expect, test } from 'vitest';
import { LaneReports } from '../../src/edge/object/shard-reports.ts';
import type { LaneState } from '../../src/edge/published.ts';
import { LANE_REPORTS_PER_SECOND, RELAY_REPORTS_PER_SECOND } from '../../src/edge/relay/limits.ts';
import { STOCK_INTERVAL_MS } from '../../src/limits.ts';
import { silentLog } from '../support/app-deps.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { plainDrop } from '../support/plain-drop.ts';

const settled = () => new Promise((resolve) => setImmediate(resolve));

function laneWith(answer: () => Promise<boolean>, lanes = 1) {
  const clock = new FakeClock();
  const kept = new Set<string>();
  const sent: { relay: string; seq: number; atMs: number }[] = [];
  const state: LaneState = { drop: plainDrop, lanes, seq: 0, nextHoldExpiresAt: null };
  const make = () =>
    new LaneReports({
      relays: { list: () => kept, put: (relay) => kept.add(relay), delete: (relay) => kept.delete(relay) },
      place: 1,
      lanes,
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

test('the first change leaves at once, and what follows is gathered', async () => {
  const lane = laneWith(async () => true);
  lane.reports.add('1:europe:0');
  for (let change = 0; change < 50; change += 1) lane.change();
  await lane.pass(STOCK_INTERVAL_MS * 3);
  expect(lane.sent.map(({ seq }) => seq)).toEqual([1, 50]);
  // Nothing changes, and nothing is sent.
  await lane.pass(60_000);
  expect(lane.sent).toHaveLength(2);
});

test.each([
  ['many relays', 12, 1, LANE_REPORTS_PER_SECOND],
  ['many lanes', 1, 64, RELAY_REPORTS_PER_SECOND / 64],
])('are no more in a second than %s bear', async (_, relays, lanes, perSecond) => {
  const lane = laneWith(async () => true, lanes);
  for (let relay = 0; relay < relays; relay += 1) lane.reports.add(`1:europe:${relay}`);
  const seconds = 10;
  for (let moment = 0; moment < seconds * 100; moment += 1) {
    lane.change();
    await lane.pass(10);
  }
  expect(lane.sent.length).toBeLessThanOrEqual(perSecond * seconds + relays);
  expect(lane.sent.length).toBeGreaterThan((perSecond * seconds) / 2);
});

test('end with a relay that has no listeners, unless it has asked again meanwhile', async () => {
  const lane = laneWith(async () => {
    if (lane.sent.length === 1) lane.reports.add('1:europe:0');
    return false;
  });
  lane.reports.add('1:europe:0');
  lane.change();
  await lane.pass(STOCK_INTERVAL_MS);
  expect([...lane.kept]).toEqual(['1:europe:0']);
  lane.change();
  await lane.pass(STOCK_INTERVAL_MS);
  expect([...lane.kept]).toEqual([]);
  lane.change();
  await lane.pass(STOCK_INTERVAL_MS);
  expect(lane.sent).toHaveLength(2);
});

test('go on after the lane has slept, and to a relay that was away', async () => {
  let isAway = true;
  const lane = laneWith(async () => {
    if (isAway) throw new Error('away');
    return true;
  });
  lane.reports.add('1:asia:1');
  const awake = lane.make();
  lane.change(awake);
  await lane.pass(500);
  isAway = false;
  await lane.pass(10_000);
  expect(lane.sent.map(({ relay, seq }) => [relay, seq])).toEqual([
    ['1:asia:1', 1],
    ['1:asia:1', 1],
  ]);
});
