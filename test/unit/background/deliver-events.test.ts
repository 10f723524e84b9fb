/** Subscribers of the log on a test's clock: nothing is missed, a failing one delays no other. */
import { expect, test } from 'vitest';
import {
  DELIVERY_AGE_MAX_MS,
  DELIVERY_ATTEMPTS_MAX,
  DELIVERY_BACKOFF_MAX_MS,
  DELIVERY_CONCURRENCY,
  DELIVERY_OPEN_EVENTS_MAX,
  DELIVERY_PAGE_EVENTS,
  DELIVERY_STOP_DEADLINE_MS,
  DELIVERY_WINDOW_EVENTS,
} from '../../../src/domain/delivery-limits.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { RecordingSubscriber, useSubscribedLog } from '../../support/subscribed-log.ts';
import { openThreadedStore } from '../../support/threaded-store.ts';

const dayMs = 86_400_000;
const log = useSubscribedLog();

test('delivers new events of the configured kinds once', async () => {
  const receiver = new RecordingSubscriber('new');
  await log.buy(3);
  await log.begin(receiver);
  const orders = await log.buy(3 * DELIVERY_PAGE_EVENTS);
  await log.store.submit({ kind: 'cancelOrder', orderId: orders[0] ?? 0 });
  await log.stepUntil(() => receiver.reported.length >= orders.length);
  await log.savedAll('new');
  expect(receiver.inOrder).toEqual(orders);
  expect(receiver.mostUnderWay).toBe(DELIVERY_CONCURRENCY);
});

test('continues after a restart from its position', async () => {
  const before = new RecordingSubscriber('lasting');
  await log.begin(before);
  const first = await log.buy(5);
  await log.stepUntil(() => before.reported.length === 5);
  await log.deliveries.pop()?.stop();
  const missed = await log.buy(5);
  await log.store.close(2_000);
  log.store = await openThreadedStore(log.file);
  const after = new RecordingSubscriber('lasting');
  await log.begin(after);
  await log.stepUntil(() => after.reported.length >= 5);
  expect(before.inOrder).toEqual(first);
  expect(after.inOrder).toEqual(missed);
});

test('an abrupt end loses no undelivered event', async () => {
  const before = new RecordingSubscriber('killed');
  await log.begin(before);
  const orders = await log.buy(40);
  before.answer = async (order) => (order % 2 === 0 ? 'done' : 'retry');
  await log.stepUntil(() => before.reported.length >= 20);
  // The old subscription is left as it is: its process has ended.
  log.deliveries = [];
  log.clock = new FakeClock(log.clock.now());
  await log.store.close(2_000);
  log.store = await openThreadedStore(log.file);
  const after = new RecordingSubscriber('killed');
  await log.begin(after);
  await log.stepUntil(() =>
    orders.every((order) => after.reported.includes(order) || before.reported.includes(order)),
  );
  expect(after.inOrder.length).toBeGreaterThanOrEqual(20);
});

test('a failed event delays no others, and is delivered again after a restart', async () => {
  const receiver = new RecordingSubscriber('mixed');
  await log.begin(receiver);
  const [poison, ...rest] = await log.buy(3 * DELIVERY_PAGE_EVENTS);
  receiver.answer = async (order) => (order === poison ? 'retry' : 'done');
  await log.stepUntil(() => receiver.reported.length === rest.length);
  expect(receiver.inOrder).toEqual(rest);
  await log.deliveries.pop()?.stop();
  const after = new RecordingSubscriber('mixed');
  await log.begin(after);
  await log.stepUntil(() => after.reported.includes(poison ?? 0));
});

test('the number of repeated deliveries after a restart is bounded', async () => {
  const receiver = new RecordingSubscriber('leading');
  await log.begin(receiver);
  const [poison] = await log.buy(1);
  for (let bought = 0; bought < DELIVERY_WINDOW_EVENTS + 2_000; bought += 2_000) await log.buy(2_000);
  receiver.answer = async (order) => (order === poison ? 'retry' : 'done');
  await log.stepUntil(() => receiver.reported.length >= DELIVERY_WINDOW_EVENTS - 1);
  for (let look = 0; look < 20; look += 1) await log.step();
  expect(receiver.reported.length).toBeLessThan(DELIVERY_WINDOW_EVENTS + DELIVERY_PAGE_EVENTS);
  receiver.answer = async () => 'done';
  await log.stepUntil(
    () => receiver.reported.length === DELIVERY_WINDOW_EVENTS + 2_001,
    DELIVERY_BACKOFF_MAX_MS / 100,
  );
});

test('a receiver that is down is retried ever less often, and receives all events once it is back', async () => {
  const [up, down] = [new RecordingSubscriber('up'), new RecordingSubscriber('down')];
  down.answer = () => Promise.reject(new TypeError('canary'));
  await Promise.all([log.begin(up), log.begin(down)]);
  const orders = await log.buy(2 * DELIVERY_OPEN_EVENTS_MAX);
  await log.stepUntil(() => up.reported.length === orders.length);
  expect(up.inOrder).toEqual(orders);
  for (let look = 0; look < 6; look += 1) await log.step(600_000);
  // Both the pending deliveries and the attempts are bounded.
  const known = new Set(log.warnings.map(({ event }) => event));
  expect(known.size).toBeLessThan(DELIVERY_OPEN_EVENTS_MAX + DELIVERY_PAGE_EVENTS);
  expect(log.warnings[0]).toMatchObject({ subscriber: 'down', error: 'TypeError' });
  expect(JSON.stringify(log.warnings)).not.toContain('canary');
  down.answer = async () => 'done';
  await log.stepUntil(() => down.reported.length >= orders.length, DELIVERY_BACKOFF_MAX_MS / 100);
  expect(down.inOrder).toEqual(orders);
  expect(log.errors).toEqual([]);
});

test('one event is retried for about a day, then logged and skipped', async () => {
  const receiver = new RecordingSubscriber('dead');
  receiver.answer = async () => 'retry';
  await log.begin(receiver);
  await log.buy(1);
  const begunAt = log.clock.now();
  await log.stepUntil(() => log.errors.length > 0, 120_000);
  const tookMs = log.clock.now() - begunAt;
  expect(tookMs).toBeGreaterThan(0.9 * dayMs);
  expect(tookMs).toBeLessThan(1.5 * dayMs);
  expect(receiver.attempts).toBe(DELIVERY_ATTEMPTS_MAX);
  expect(log.errors).toEqual([{ subscriber: 'dead', event: log.lastSeq() }]);
  receiver.answer = async () => 'done';
  const [next] = await log.buy(1);
  await log.stepUntil(() => receiver.reported.length === 1);
  expect(receiver.reported).toEqual([next]);
  await log.savedAll('dead');
});

test('a receiver that accepts nothing loses no event, however long that lasts', async () => {
  const receiver = new RecordingSubscriber('unavailable');
  receiver.answer = async () => 'unavailable';
  await log.begin(receiver);
  const orders = await log.buy(3);
  for (let attempts = 0; attempts < 3 * (DELIVERY_ATTEMPTS_MAX + 1); attempts += 3)
    await log.step(DELIVERY_BACKOFF_MAX_MS);
  log.clock.jump(DELIVERY_AGE_MAX_MS);
  await log.stepUntil(() => receiver.attempts > 3 * DELIVERY_ATTEMPTS_MAX, DELIVERY_BACKOFF_MAX_MS);
  expect(log.errors).toEqual([]);
  receiver.answer = async () => 'done';
  await log.stepUntil(() => receiver.reported.length === 3, DELIVERY_BACKOFF_MAX_MS);
  expect(receiver.inOrder).toEqual(orders);
});

test('a stop waits for deliveries in flight, but not longer than its deadline', async () => {
  const receiver = new RecordingSubscriber('slow');
  let end: (answer: 'done') => void = () => undefined;
  receiver.answer = () => new Promise((resolve) => (end = resolve));
  const deliveries = await log.begin(receiver);
  await log.buy(1);
  await log.stepUntil(() => receiver.underWay === 1);
  let isStopped = false;
  const stopped = deliveries.stop().then(() => {
    isStopped = true;
  });
  // A commit of another process takes longer than a stop that does not wait.
  await log.buy(1);
  expect(isStopped).toBe(false);
  log.clock.advance(DELIVERY_STOP_DEADLINE_MS);
  await stopped;
  // An interrupted delivery does not count.
  const again = new RecordingSubscriber('slow');
  await log.begin(again);
  await log.stepUntil(() => again.reported.length === 2);
  end('done');
});
