/** How often a relay reads a shard: by time alone, whatever the number of Workers. */
import { expect, test } from 'vitest';
import type { Published } from '../../../src/edge/published.ts';
import { RELAY_READ_INTERVAL_MS, RELAY_RETRY_MS } from '../../../src/edge/relay/limits.ts';
import { ShardReader } from '../../../src/edge/relay/shard-reader.ts';
import { PUBLISHED_AGE_MS } from '../../../src/limits.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const settled = () => new Promise((resolve) => setImmediate(resolve));

function shardThat(read: () => Promise<number>) {
  const clock = new FakeClock();
  const readMs: number[] = [];
  const reader = new ShardReader(async () => {
    readMs.push(clock.monotonicMs());
    return { seq: await read() } as Published;
  }, clock);
  /** `workers` send a request every 10 ms for a time. */
  const crowd = async (workers: number, durationMs: number, mustBegin: boolean) => {
    for (let passed = 0; passed < durationMs; passed += 10) {
      for (let worker = 0; worker < workers; worker += 1) void reader.refresh(mustBegin);
      clock.advance(10);
      await settled();
    }
  };
  return { clock, readMs, reader, crowd };
}

test.each([1, 300])('%i Workers with viewers cause at most two reads a second', async (workers) => {
  const shard = shardThat(async () => 1);
  await shard.crowd(workers, 10_000, false);
  expect(shard.readMs.length).toBeLessThanOrEqual((10_000 * 2) / PUBLISHED_AGE_MS + 1);
  expect(shard.readMs.length).toBeGreaterThan(10);
});

test('300 Workers with buyers and viewers cause at most ten reads a second', async () => {
  const shard = shardThat(async () => 1);
  await shard.crowd(300, 10_000, true);
  expect(shard.readMs.length).toBeLessThanOrEqual(10_000 / RELAY_READ_INTERVAL_MS + 1);
});

test('a shard that does not answer is queried once a second', async () => {
  const shard = shardThat(() => Promise.reject(new Error('away')));
  await shard.crowd(300, 10_000, false);
  expect(shard.readMs.length).toBeLessThanOrEqual(10_000 / RELAY_RETRY_MS + 1);
});

test('a Worker’s change is in every read that started after it', async () => {
  let seq = 0;
  let answers: (() => void)[] = [];
  const shard = shardThat(async () => {
    const known = seq;
    await new Promise<void>((resolve) => answers.push(resolve));
    return known;
  });
  const answer = async () => {
    for (const each of answers) each();
    answers = [];
    await settled();
    shard.clock.advance(RELAY_READ_INTERVAL_MS);
    await settled();
  };
  void shard.reader.refresh(false);
  await settled();
  seq = 1;
  let isDone = false;
  void shard.reader.refresh(true).then(() => {
    isDone = true;
  });
  await answer();
  expect([isDone, shard.reader.last?.published.seq]).toEqual([false, 0]);
  await answer();
  expect([isDone, shard.reader.last?.published.seq]).toEqual([true, 1]);
});
