/** Webhooks to a real receiver: answers that end a delivery, and what a retry repeats. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Subscriber } from '../../../src/background/subscriber.ts';
import { webhookSubscriber } from '../../../src/background/webhooks.ts';
import type { LoggedEvent } from '../../../src/database/log-reads.ts';
import { logReads } from '../../../src/database/log-reads.ts';
import type { OwnDatabase } from '../../../src/database/sqlite/open-database.ts';
import { systemClock } from '../../../src/split/system-clock.ts';
import { createDrop, placeHold, recordPayment } from '../../support/commands.ts';
import { WebhookReceiver } from '../../support/receivers.ts';
import { migratedFile } from '../../support/scratch-store.ts';
import { ids, openThreadedStore, owedRefund } from '../../support/threaded-store.ts';

let store: OwnDatabase;
let receiver: WebhookReceiver;
let webhook: Subscriber;
let held: LoggedEvent;
let orderId: number;
let warnings: Readonly<Record<string, unknown>>[];

beforeEach(async () => {
  receiver = await new WebhookReceiver().listen();
  store = await openThreadedStore(migratedFile());
  await store.submit(createDrop({ startsAt: 0 }));
  await store.submit(placeHold('ann'));
  const event = logReads(store)
    .eventsAfter(0, 100)
    .find(({ kind }) => kind === 'held');
  if (!event) throw new Error('Nothing was held.');
  held = event;
  orderId = event.orderId ?? 0;
  warnings = [];
  const silent = () => undefined;
  const warn = (fields: Readonly<Record<string, unknown>>) => void warnings.push(fields);
  const log = { debug: silent, info: silent, warn, error: silent };
  webhook = webhookSubscriber(
    { url: receiver.url, secret: receiver.secret },
    { db: store, clock: systemClock, ids, log },
  );
});
afterEach(async () => {
  await store.close(2_000);
  await receiver.close();
});

test.each([
  [200, 'done'],
  [204, 'done'],
  [302, 'retry'],
  [400, 'retry'],
  [410, 'done'],
  [429, 'retry'],
  [503, 'retry'],
] as const)('the answer %d: %s', async (status, end) => {
  receiver.answer = () => status;
  expect(await webhook.deliver(held)).toBe(end);
  // A redirect is not followed either.
  expect(receiver.attempts).toBe(1);
  expect(warnings).toEqual(
    end === 'done' ? [] : [{ subscriber: webhook.name, event: ids.event(held), status }],
  );
});

test('a closed socket is a failure', async () => {
  receiver.answer = () => null;
  await expect(webhook.deliver(held)).rejects.toThrow();
});

test('a repeated delivery has its own signature and the same id, and no contact data', async () => {
  await webhook.deliver(held);
  await webhook.deliver(held);
  const [first, again] = receiver.received;
  expect(receiver.forged).toBe(0);
  expect(first).toEqual(again);
  expect(first).toEqual({
    id: ids.event(held),
    type: 'order.held',
    timestamp: new Date(held.at).toISOString(),
    data: {
      order: expect.objectContaining({
        id: ids.order({ dropId: 1, orderId }),
        status: 'held',
        total: 1250,
      }),
    },
  });
  expect(JSON.stringify(first)).not.toContain('ann');
});

test('the name of a stored position does not reveal the URL', () => {
  expect(webhook.name).toMatch(/^webhook:[0-9a-f]{16}$/);
});

test('a dispute, its end and a refund that fails are sent with amount and reason', async () => {
  await store.submit(recordPayment(orderId));
  const report = {
    provider: 'sandbox',
    paymentReference: `payment of event of ${orderId}`,
    keepsEarly: false,
  };
  const money = { amount: 1250, currency: 'EUR' };
  await store.submit({ kind: 'refundOrder', actor: 'operator', orderId, restock: true });
  const failed = {
    kind: 'finishRefund',
    refundId: owedRefund(store),
    result: 'failed',
    error: 'declined',
  } as const;
  await store.submit({ ...failed, reference: null });
  for (const status of ['open', 'lost'] as const) {
    const dispute = { kind: 'dispute', status, reason: 'fraudulent', openedAt: 1, happenedAt: 2 } as const;
    const movement = { ...dispute, ...money, reference: 'dp_1' };
    await store.submit({ kind: 'recordMovement', ...report, movement });
  }
  const reported = new Set(['dispute_opened', 'dispute_lost', 'refund_failed']);
  for (const event of logReads(store).eventsAfter(0, 100))
    if (reported.has(event.kind)) await webhook.deliver(event);
  expect(receiver.received.map(({ type, data }) => ({ type, data }))).toMatchObject([
    { type: 'refund.failed', data: { reason: 'operator', refund: { ...money, error: 'declined' } } },
    { type: 'order.disputed', data: { reason: 'fraudulent', dispute: { ...money, status: 'open' } } },
    { type: 'order.dispute_closed', data: { reason: 'fraudulent', dispute: { ...money, status: 'lost' } } },
  ]);
});

test('a refund settled by hand is sent as refunded, and sent again once the provider has made it', async () => {
  await store.submit(recordPayment(orderId));
  await store.submit({ kind: 'refundOrder', actor: 'operator', orderId, restock: true });
  const refundId = owedRefund(store);
  await store.submit({ kind: 'finishRefund', refundId, result: 'failed', error: 'declined' });
  await store.submit({ kind: 'settleRefund', actor: 'operator', refundId, note: 'By bank transfer' });
  const refund = { amount: 1250, currency: 'EUR' };
  const movement = {
    ...({ kind: 'refund', status: 'sent', error: null } as const),
    refundId,
    reference: 're_1',
    happenedAt: 2,
    ...refund,
  };
  const report = {
    provider: 'sandbox',
    paymentReference: `payment of event of ${orderId}`,
    keepsEarly: false,
  };
  await store.submit({ kind: 'recordMovement', ...report, movement });
  const reported = new Set(['refund_settled', 'refund_doubled']);
  for (const event of logReads(store).eventsAfter(0, 100))
    if (reported.has(event.kind)) await webhook.deliver(event);
  expect(receiver.received.map(({ type, data }) => ({ type, data }))).toMatchObject([
    { type: 'order.refunded', data: { reason: 'operator', refund, order: { status: 'refunded' } } },
    { type: 'refund.doubled', data: { reason: 'operator', refund } },
  ]);
});

test('a dispute and a failed refund of money that belongs to no order are sent, and the refund of it is not', async () => {
  await store.submit(recordPayment(null));
  const money = { amount: 1250, currency: 'EUR' };
  const dispute = {
    kind: 'dispute',
    reason: 'fraudulent',
    openedAt: 1,
    reference: 'dp_1',
    ...money,
  } as const;
  for (const [status, happenedAt] of [
    ['open', 2],
    ['won', 3],
  ] as const)
    await store.submit({
      kind: 'recordMovement',
      provider: 'sandbox',
      keepsEarly: false,
      paymentReference: 'payment of event of null',
      movement: { ...dispute, status, happenedAt },
    });
  const refundId = owedRefund(store);
  await store.submit({ kind: 'finishRefund', refundId, result: 'failed', error: 'charge_disputed' });
  await store.submit({ kind: 'retryRefund', actor: 'operator', refundId });
  await store.submit({ kind: 'finishRefund', refundId, result: 'sent', error: null });
  for (const event of logReads(store).eventsAfter(held.seq, 100)) await webhook.deliver(event);
  const unclaimed = { order: null, provider: 'sandbox' };
  expect(receiver.received.map(({ type, data }) => ({ type, data }))).toEqual([
    {
      type: 'order.disputed',
      data: { ...unclaimed, reason: 'fraudulent', dispute: { ...money, status: 'open' } },
    },
    {
      type: 'order.dispute_closed',
      data: { ...unclaimed, reason: 'fraudulent', dispute: { ...money, status: 'won' } },
    },
    {
      type: 'refund.failed',
      data: { ...unclaimed, reason: 'unknown_order', refund: { ...money, error: 'charge_disputed' } },
    },
  ]);
});
