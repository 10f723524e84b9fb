/** A scrape of a Worker queries a bounded number of objects, some at once, each with a timeout. */
import { expect, test } from 'vitest';
import { UNCLAIMED } from '../../../src/domain/shard.ts';
import { OBJECTS_AT_A_TIME, SCRAPE_OBJECTS_MAX, SCRAPE_WAIT_MS } from '../../../src/edge/limits.ts';
import { EdgeMetrics } from '../../../src/edge/metrics.ts';
import { problem } from '../../../src/http/problem.ts';
import type { Log } from '../../../src/log.ts';
import { Metrics } from '../../../src/metrics.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const url = 'https://shop.example/metrics';
const log = { warn: () => undefined } as unknown as Log;
const item = { id: 1, sku: 'one', name: 'One', price: 1250, stock: 5, held: 0, sold: 0 };
const times = { startsAt: 0, endsAt: null, holdSeconds: 600, createdAt: 0 };
const texts = { slug: 'drop', title: 'Drop', description: '', imageUrl: null, currency: 'EUR' };
const drop = { id: 1, ...texts, ...times, perCustomer: null, published: true, paused: false, items: [item] };
const figures = (): Response => Response.json({ slug: 'drop', counted: new Metrics().state(), families: [] });

/** Objects that answer when `answer` does, and the requests to them. */
function scraped(answer: (shardId: number) => Promise<Response>) {
  const asked: number[] = [];
  let [underway, mostUnderway] = [0, 0];
  const askObject = async (shardId: number, request: Request): Promise<Response> => {
    expect(new URL(request.url).origin).toBe('https://shop.example');
    asked.push(shardId);
    underway += 1;
    mostUnderway = Math.max(mostUnderway, underway);
    return answer(shardId).finally(() => {
      underway -= 1;
    });
  };
  const clock = new FakeClock();
  const metrics = new EdgeMetrics({ askObject, queue: null, clock, log });
  return { metrics, clock, asked, mostUnderway: () => mostUnderway };
}

const countsIn = async (answer: Response): Promise<Record<string, number>> =>
  Object.fromEntries(
    [...(await answer.text()).matchAll(/^stampede_objects\{state="(\w+)"\} (\d+)$/gm)].map(
      ([, state, count]) => [state, Number(count)],
    ),
  );

test('a scrape queries a bounded number of objects, the newest first, some at a time', async () => {
  const shardIds = Array.from({ length: 100 }, (_, index) => 200 - index);
  const { metrics, asked, mostUnderway } = scraped(async (shardId) => {
    await new Promise<void>((resolve) => setImmediate(resolve));
    return shardId === UNCLAIMED ? problem('not_found') : figures();
  });
  expect(await countsIn(await metrics.ofAll(url, [], shardIds))).toEqual({
    answered: SCRAPE_OBJECTS_MAX - 1,
    unreachable: 0,
    left_out: 100 + 1 - SCRAPE_OBJECTS_MAX,
  });
  expect(asked).toEqual([UNCLAIMED, ...shardIds.slice(0, SCRAPE_OBJECTS_MAX - 1)]);
  expect(mostUnderway()).toBe(OBJECTS_AT_A_TIME);
});

test('an object that does not answer counts as unreachable after a while', async () => {
  const { metrics, clock } = scraped((shardId) =>
    shardId === 2 ? new Promise<Response>(() => undefined) : Promise.resolve(figures()),
  );
  const answer = metrics.ofDrop(url, drop, [1, 2, 3]);
  const turns = async (): Promise<null> => {
    for (let turn = 0; turn < 50; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
    return null;
  };
  await turns();
  clock.advance(SCRAPE_WAIT_MS);
  const scrape = await Promise.race([answer, turns()]);
  expect(scrape).not.toBeNull();
  expect(await countsIn(scrape ?? Response.error())).toEqual({ answered: 2, unreachable: 1, left_out: 0 });
});

test('a queue that does not answer leaves its series out', async () => {
  const queue = { metrics: () => Promise.reject(new Error('away')) };
  const askObject = async () => figures();
  const metrics = new EdgeMetrics({ askObject, queue, clock: new FakeClock(), log });
  const text = await (await metrics.ofAll(url, [], [1])).text();
  expect(text).toContain('stampede_objects{state="answered"} 2');
  expect(text).not.toContain('stampede_mail_queue');
});
