/** Recipients that refuse for now: they delay no other, survive restarts, and are bounded. */
import { expect, test } from 'vitest';
import type { Delivery } from '../../../src/background/subscriber.ts';
import type { LoggedEvent } from '../../../src/database/log-reads.ts';
import { logReads } from '../../../src/database/log-reads.ts';
import {
  DEFERRED_AGE_MAX_MS,
  DEFERRED_BACKOFF_MAX_MS,
  DEFERRED_DELIVERIES_MAX,
  DELIVERY_BACKOFF_MAX_MS,
  DELIVERY_OPEN_EVENTS_MAX,
} from '../../../src/domain/delivery-limits.ts';
import { RecordingSubscriber, useSubscribedLog } from '../../support/subscribed-log.ts';

const log = useSubscribedLog();

/** A receiver whose recipients may refuse for now. */
class MailReceiver extends RecordingSubscriber {
  acceptedAt = 0;
  override async deliver(event: LoggedEvent): Promise<Delivery> {
    const answer = await super.deliver(event);
    if (answer === 'done') this.acceptedAt = log.clock.now();
    return answer;
  }
  lastAcceptedAt(): number {
    return this.acceptedAt;
  }
}

test('refusing recipients do not stop the subscriber, and each delivery is retried for two days', async () => {
  const receiver = new MailReceiver('mail');
  await log.begin(receiver);
  const refused = await log.buy(DELIVERY_OPEN_EVENTS_MAX + 10);
  const isRefused = new Set(refused);
  receiver.answer = async (order) => (isRefused.has(order) ? 'deferred' : 'done');
  const others = await log.buy(5);
  await log.stepUntil(() => receiver.reported.length === others.length);
  await log.savedAll('mail');
  expect(logReads(log.store).deferredCounts()).toEqual([{ subscriber: 'mail', count: refused.length }]);
  // One of them accepts the e-mail meanwhile.
  isRefused.delete(refused[0] ?? 0);
  await log.stepUntil(() => receiver.reported.includes(refused[0] ?? 0), DEFERRED_BACKOFF_MAX_MS);
  log.clock.jump(DEFERRED_AGE_MAX_MS / 2);
  const before = receiver.attempts;
  await log.stepUntil(() => receiver.attempts > before);
  expect(log.errors).toEqual([]);
  log.clock.jump(DEFERRED_AGE_MAX_MS / 2);
  await log.stepUntil(() => logReads(log.store).deferredCounts().length === 0, DEFERRED_BACKOFF_MAX_MS / 6);
  expect(new Set(log.errors.map(({ event }) => event)).size).toBe(refused.length - 1);
  expect(receiver.reported).toHaveLength(others.length + 1);
});

test('no delivery is given up while every recipient is refused', async () => {
  const receiver = new MailReceiver('mail');
  receiver.answer = async () => 'deferred';
  await log.begin(receiver);
  const orders = await log.buy(3);
  await log.stepUntil(() => logReads(log.store).deferredCounts()[0]?.count === 3);
  for (let passed = 0; passed < 2 * DEFERRED_AGE_MAX_MS; passed += DEFERRED_BACKOFF_MAX_MS)
    await log.step(DEFERRED_BACKOFF_MAX_MS);
  expect(log.errors).toEqual([]);
  receiver.answer = async () => 'done';
  await log.stepUntil(() => receiver.reported.length === 3, DEFERRED_BACKOFF_MAX_MS);
  expect(receiver.inOrder).toEqual(orders);
});

test('a mail server that accepts a few e-mails a day loses none', async () => {
  const receiver = new MailReceiver('mail');
  let takenAt = log.clock.now();
  receiver.answer = async () => {
    if (log.clock.now() - takenAt < DEFERRED_AGE_MAX_MS / 4) return 'deferred';
    takenAt = log.clock.now();
    return 'done';
  };
  await log.begin(receiver);
  const orders = await log.buy(8);
  await log.stepUntil(() => logReads(log.store).deferredCounts()[0]?.count === orders.length);
  for (const [count] of orders.entries()) {
    log.clock.jump(DEFERRED_AGE_MAX_MS / 4);
    await log.stepUntil(() => receiver.reported.length + log.errors.length > count, DEFERRED_BACKOFF_MAX_MS);
  }
  expect(log.errors).toEqual([]);
  expect(receiver.inOrder).toEqual(orders);
});

test('a clock that was a year ahead delays no e-mail by a year', async () => {
  const receiver = new MailReceiver('mail');
  receiver.answer = async () => 'deferred';
  await log.begin(receiver);
  const right = log.clock.now();
  log.clock.set(right + 365 * 24 * 3_600_000);
  const orders = await log.buy(3);
  await log.stepUntil(() => logReads(log.store).deferredCounts()[0]?.count === orders.length);
  log.clock.set(right);
  receiver.answer = async () => 'done';
  await log.stepUntil(() => receiver.reported.length === orders.length);
  expect(receiver.inOrder).toEqual(orders);
});

test('a deferred delivery is made once after a restart, although the position lies before it', async () => {
  const before = new MailReceiver('mail');
  await log.begin(before);
  const [stuck, deferred] = await log.buy(2);
  before.answer = async (order) => (order === stuck ? 'unavailable' : 'deferred');
  await log.stepUntil(() => logReads(log.store).deferredCounts()[0]?.count === 1);
  await log.deliveries.pop()?.stop();
  const after = new MailReceiver('mail');
  await log.begin(after);
  await log.stepUntil(() => after.reported.length >= 2, DEFERRED_BACKOFF_MAX_MS);
  await log.stepUntil(() => logReads(log.store).deferredCounts().length === 0);
  expect(after.inOrder).toEqual([stuck, deferred]);
});

test('the oldest deferred delivery is dropped for space, but only while others are accepted', async () => {
  const park = (seq: number) =>
    log.store.submit({ kind: 'deferDelivery', subscriber: 'mail', seq, orderId: null, nextAttemptAt: 1e15 });
  await log.store.submit({
    kind: 'runStatements',
    statements: [
      {
        method: 'run',
        params: [DEFERRED_DELIVERIES_MAX],
        sql: `insert into deferred_deliveries with recursive n(seq) as (select 1 union all select seq + 1 from n where seq < ?)
          select 'mail', -seq, null, 0, 1, 1000000000000000 from n`,
      },
    ],
  });
  expect(await park(1)).toEqual({
    kind: 'deferred_full',
    oldest: { seq: -DEFERRED_DELIVERIES_MAX, since: 0 },
  });
  const receiver = new MailReceiver('mail');
  receiver.acceptedAt = 0;
  receiver.answer = async () => 'deferred';
  await log.begin(receiver);
  const [order] = await log.buy(1);
  await log.stepUntil(() => receiver.attempts > 1);
  expect(log.errors).toEqual([]);
  receiver.acceptedAt = 1;
  const isDeferred = () =>
    logReads(log.store).dueDeferredDeliveries('mail', 1e14, 1)[0]?.event.orderId === order;
  await log.stepUntil(isDeferred, DELIVERY_BACKOFF_MAX_MS);
  expect(log.errors[0]).toEqual({ subscriber: 'mail', event: -DEFERRED_DELIVERIES_MAX });
  expect(logReads(log.store).deferredCounts()[0]?.count).toBe(DEFERRED_DELIVERIES_MAX);
});

test('a deferred e-mail is deleted with its customer’s data', async () => {
  const orders = await log.buy(2);
  for (const orderId of orders)
    await log.store.submit({
      kind: 'deferDelivery',
      subscriber: 'mail',
      seq: orderId,
      orderId,
      nextAttemptAt: 1,
    });
  await log.store.submit({ kind: 'eraseCustomer', actor: 'operator', customer: 'buyer-1', openOrders: [] });
  expect(logReads(log.store).deferredSeqs('mail', 0)).toEqual([orders[1]]);
});
