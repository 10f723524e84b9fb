/** The generator's clock: everything in order, nothing early, nothing omitted. */
import { describe, expect, test } from 'vitest';
import { startOnTime } from '../../../src/crowd/pacing.ts';

describe('startOnTime', () => {
  test('starts all in order and none early, across short gaps, long gaps and bursts', async () => {
    const burst = Array.from({ length: 500 }, () => 40);
    const dueMs = Float64Array.from([0, 0.05, 0.3, 1.2, 5, 30.5, ...burst, 41]);
    const startMs = performance.now() + 5;
    const started: number[] = [];
    const early: number[] = [];
    await startOnTime(dueMs, startMs, (index) => {
      started.push(index);
      if (performance.now() < startMs + (dueMs[index] ?? 0)) early.push(index);
    });
    expect(started).toEqual(Array.from(dueMs.keys()));
    expect(early).toEqual([]);
  });

  test('lets sockets and timers run while it is late', async () => {
    let turns = 0;
    const other = setInterval(() => turns++, 0);
    let startedUntilTurn = 0;
    const endMs = performance.now() + 5;
    await startOnTime(new Float64Array(1_000), performance.now(), () => {
      while (performance.now() < endMs);
      if (turns === 0) startedUntilTurn++;
    });
    clearInterval(other);
    expect(startedUntilTurn).toBeLessThan(1_000);
  });

  test('rejects with the error of a start', async () => {
    const broken = startOnTime(Float64Array.from([0, 1]), performance.now(), () => {
      throw new Error('no socket');
    });
    await expect(broken).rejects.toThrow('no socket');
  });
});
