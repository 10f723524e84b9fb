/**
 * Spends rate limits on machines of any speed: a quota refills while a test runs, so no test relies
 * on one moment.
 */
import { expect } from 'vitest';
import { RATE_WINDOW_MS } from '../../src/domain/client-limits.ts';
import { until } from './shop.ts';

interface Answered {
  status: number;
}

const burstRequests = 40;

/** Sends `count` requests at once; `ask` receives their numbers, from `first` on. */
export const burst = <T>(count: number, ask: (index: number) => Promise<T>, first = 0): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => ask(first + index)));

/**
 * Sends bursts until the limiter refuses a request; returns all answers. Expects that a new key
 * gets its whole quota, and above it only what can have refilled.
 */
export async function spendQuota<T extends Answered>(
  quota: number,
  ask: (index: number) => Promise<T>,
): Promise<T[]> {
  const answers: T[] = [];
  const beganMs = performance.now();
  const allowed = (): number => answers.filter(({ status }) => status !== 429).length;
  await until(
    async () => answers.push(...(await burst(burstRequests, ask, answers.length))),
    (sent) => allowed() < sent,
  );
  const refilled = Math.ceil((performance.now() - beganMs) / (RATE_WINDOW_MS / quota));
  expect(allowed()).toBeGreaterThanOrEqual(quota);
  expect(allowed()).toBeLessThanOrEqual(quota + refilled);
  return answers;
}

/** Spends a quota and repeats `ask` until the limiter refuses it; returns that refusal. */
export const refusedAfter = <T extends Answered>(
  spend: () => Promise<unknown>,
  ask: () => Promise<T>,
): Promise<T> =>
  until(
    async () => {
      await spend();
      return ask();
    },
    ({ status }) => status === 429,
  );
