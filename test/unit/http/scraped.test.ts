/** GET /metrics under a limit: a flood of scrapes costs as much as a few. */
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import type { ShopDatabase } from '../../../src/database/shop-database.ts';
import { noRows } from '../../../src/edge/front/no-rows.ts';
import { metricsRoutes } from '../../../src/http/metrics.ts';
import { createRateLimits } from '../../../src/http/rate-limits.ts';
import { createIds } from '../../../src/ids/ids.ts';
import { METRICS_AGE_MS } from '../../../src/limits.ts';
import { Metrics } from '../../../src/metrics.ts';
import { appDeps } from '../../support/app-deps.ts';
import { FakeClock } from '../../support/fake-clock.ts';

function openScraped(isLimited: boolean) {
  const clock = new FakeClock();
  let counted = 0;
  const store = {
    metrics: new Metrics(),
    snapshot: { drops: () => [] },
    ...noRows,
    status: () => ({ queueDepth: {} }),
    tallies: async () => {
      counted += 1;
      return null;
    },
  } as unknown as ShopDatabase;
  const rateLimits = isLimited ? createRateLimits(() => '192.0.2.1', clock) : null;
  const ids = createIds('a-secret-of-thirty-two-characters');
  const deps = appDeps({ db: store, ids, clock, rateLimits });
  const app = new Hono().route(
    '/',
    metricsRoutes(deps, () => []),
  );
  const scrape = async (): Promise<string> => (await app.request('/metrics')).text();
  return { clock, scrape, counted: () => counted };
}

test('a thousand simultaneous scrapes query once and get the same answer', async () => {
  const { clock, scrape, counted } = openScraped(true);
  const texts = await Promise.all(Array.from({ length: 1_000 }, scrape));
  expect(counted()).toBe(1);
  expect(new Set(texts).size).toBe(1);
  clock.advance(METRICS_AGE_MS - 1);
  await scrape();
  expect(counted()).toBe(1);
  clock.advance(1);
  await scrape();
  expect(counted()).toBe(2);
});

test('without limits every scrape is current', async () => {
  const { scrape, counted } = openScraped(false);
  await scrape();
  await scrape();
  expect(counted()).toBe(2);
});
