/** Meets rate limits on machines of any speed: a quota refills while a test runs, so no test counts on one moment. */
import { expect } from 'vitest';
import { RATE_WINDOW_MS } from '../../src/domain/client-limits.ts';
import { until } from './shop.ts';

interface Answered {
  status: number;
}

const burstRequests = 40;

/** Sends many requests at once; `ask` gets their numbers, from `first` on. */
export const burst = <T>(count: number, ask: (index: number) => Promise<T>, first = 0): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => ask(first + index)));

/**
 * Sends bursts until the limiter refuses a request; returns all answers. Expects that a new key got its whole quota,
 * and above it only what can have refilled meanwhile.
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

/** Spends a quota and then asks, again and again, until the limiter refuses what is asked; returns that refusal. */
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
