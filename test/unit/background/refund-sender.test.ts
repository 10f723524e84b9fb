/** The refund queue on a test's clock: an outage of an hour, a dead letter, a critical restart. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { dropPresentation } from '../../../src/answers/representation.ts';
import { type RefundSender, sendRefunds } from '../../../src/background/refund-sender.ts';
import { moneyReads } from '../../../src/database/money-reads.ts';
import type { ShopDatabase } from '../../../src/database/shop-database.ts';
import { type OwnDatabase, openShopDatabase } from '../../../src/database/sqlite/open-database.ts';
import type { Command } from '../../../src/domain/command.ts';
import type { Outcome } from '../../../src/domain/outcome.ts';
import { createIds } from '../../../src/ids/ids.ts';
import {
  FAILED_COMMAND_REST_MS,
  REFUND_ATTEMPTS_MAX,
  REFUND_BACKOFF_MAX_MS,
  REFUND_INTERVAL_MS,
} from '../../../src/limits.ts';
import type { PaymentProvider } from '../../../src/payments/provider.ts';
import { createStripeProvider } from '../../../src/payments/stripe.ts';
import { systemClock } from '../../../src/split/system-clock.ts';
import { createDrop, placed, placeHold, recordPayment } from '../../support/commands.ts';
import { readMark } from '../../support/deployment-mark.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { LoopbackStripe } from '../../support/loopback-stripe.ts';
import { patienceMs } from '../../support/patience.ts';
import { migratedFile, settingsFor } from '../../support/scratch-store.ts';

const route = 'POST /v1/refunds';
const minuteMs = 60_000;
const ids = createIds('a-secret-of-thirty-two-characters');
const silent = () => undefined;
const log = { debug: silent, info: silent, warn: silent, error: silent };

let stripe: LoopbackStripe;
let provider: PaymentProvider;
let store: OwnDatabase;
let file: string;
let clock: FakeClock;
let sender: RefundSender;

const openConfiguredDatabase = (): Promise<OwnDatabase> =>
  openShopDatabase(
    {
      connection: settingsFor(file),
      queue: { queueMax: 1_000, deadlineMs: patienceMs, batchMax: 100 },
      readersMax: 4,
      backups: { folder: '/nowhere', keep: 1 },
      warmUpHolds: 0,
      secretKey: 'a key',
    },
    dropPresentation(ids),
    systemClock,
    (reason) => {
      throw new Error(reason);
    },
  );
const startSender = (to: ShopDatabase = store): RefundSender =>
  sendRefunds({ db: to, ids, providers: new Map([['stripe', provider]]), clock, log, random: () => 0.5 });

/** Starts and completes every due attempt. */
async function pass(durationMs: number): Promise<void> {
  for (let passedMs = 0; passedMs < durationMs; passedMs += minuteMs / 2) {
    clock.jump(minuteMs / 2);
    await sender.stop();
    sender = startSender();
  }
}
const refund = (status: 'pending' | 'sent' | 'failed') =>
  moneyReads(store).refunds(status, Number.MAX_SAFE_INTEGER, 10);

beforeEach(async () => {
  stripe = await new LoopbackStripe().listen();
  const { secretKey, webhookSecret, url: apiBase } = stripe;
  provider = createStripeProvider({ secretKey, webhookSecret, apiBase, timeoutMs: 3_000, readMark });
  file = migratedFile();
  store = await openConfiguredDatabase();
  clock = new FakeClock(Date.now());
  // The order is paid twice: the second payment must be refunded.
  await store.submit(createDrop({ startsAt: 0 }));
  const { id } = placed(await store.submit(placeHold('ann')));
  for (const reference of ['pi_one', 'pi_two']) {
    stripe.payments.set(reference, { id: reference, order: 'x', amount: 1250, currency: 'eur', refunds: 0 });
    await store.submit(recordPayment(id, { provider: 'stripe', eventId: reference, reference }));
  }
  sender = startSender();
});
afterEach(async () => {
  await sender.stop();
  await store.close(2_000);
  await stripe.close();
});
const timesRefunded = () => [...stripe.payments.values()].map(({ refunds }) => refunds);

test('is sent once, although the provider is unreachable for an hour', async () => {
  stripe.fail(route, ...Array.from({ length: 200 }, () => ({ kind: 'status', status: 500 }) as const));
  await pass(60 * minuteMs);
  expect(refund('pending')).toMatchObject([{ reason: 'paid_twice', lastError: 'StripeAPIError' }]);
  const attempts = stripe.asked.filter((asked) => asked === route).length;
  // Doubling waits: an hour of failures is not an hour of constant attempts.
  expect(attempts).toBeGreaterThan(5);
  expect(attempts).toBeLessThan(20);
  stripe.faults.clear();
  await pass(60 * minuteMs);
  expect(refund('sent')).toHaveLength(1);
  expect(timesRefunded()).toEqual([0, 1]);
});

test('that the writer refuses waits for the next round, and does not block the thread', async () => {
  await sender.stop();
  let refusals = 0;
  const refusing: ShopDatabase = {
    ...store,
    submit: <C extends Command>(command: C): Promise<Outcome<C>> => {
      if (command.kind !== 'beginRefund') return store.submit(command);
      refusals += 1;
      // More than one pass may send; otherwise this test would never get its turn.
      return refusals > 100 ? new Promise(() => undefined) : Promise.resolve({ kind: 'stopping' });
    },
  };
  sender = startSender(refusing);
  clock.advance(REFUND_INTERVAL_MS);
  // A turn comes only after every promise that an endless pass would make.
  await nextTurn();
  expect(refusals).toBeGreaterThan(0);
  expect(refusals).toBeLessThan(4);
  await sender.stop();
  sender = startSender();
  await pass(2 * minuteMs);
  expect(refund('sent')).toHaveLength(1);
});

test('that the database refuses is postponed, and does not delay the others', async () => {
  await sender.stop();
  const refused: number[] = [];
  const [poisoned] = refund('pending');
  const refusing: ShopDatabase = {
    ...store,
    submit: <C extends Command>(command: C): Promise<Outcome<C>> => {
      if (command.kind !== 'beginRefund' || command.refundId !== poisoned?.id) return store.submit(command);
      refused.push(clock.monotonicMs());
      return Promise.resolve({ kind: 'command_failed', reason: 'CHECK constraint failed: refunds_attempts' });
    },
  };
  sender = startSender(refusing);
  const looksInRest = FAILED_COMMAND_REST_MS / REFUND_INTERVAL_MS;
  for (let look = 0; look < 2.5 * looksInRest; look += 1) {
    clock.advance(REFUND_INTERVAL_MS);
    await nextTurn();
  }
  expect(refused).toHaveLength(3);
  await sender.stop();
  sender = startSender();
  await pass(2 * minuteMs);
  expect(refund('sent')).toHaveLength(1);
});

test('fails after its last attempt, is shown, and can be retried by an operator', async () => {
  const limited = { kind: 'status', status: 429 } as const;
  stripe.fail(route, ...Array.from({ length: REFUND_ATTEMPTS_MAX }, () => limited));
  for (let attempt = 0; attempt < REFUND_ATTEMPTS_MAX; attempt += 1) {
    clock.jump(REFUND_BACKOFF_MAX_MS + 1_000);
    await sender.stop();
    sender = startSender();
  }
  const [failed] = refund('failed');
  expect(failed).toMatchObject({ attempts: REFUND_ATTEMPTS_MAX, lastError: 'rate_limit' });
  await pass(2 * minuteMs);
  expect(timesRefunded()).toEqual([0, 0]);
  await sender.stop();
  await store.submit({ kind: 'retryRefund', actor: 'operator', refundId: failed?.id ?? 0 });
  expect(refund('pending')).toMatchObject([{ attempts: 0, lastError: 'rate_limit' }]);
  sender = startSender();
  await pass(2 * minuteMs);
  expect(refund('sent')).toMatchObject([{ attempts: 1 }]);
  expect(timesRefunded()).toEqual([0, 1]);
});

test.each([1, 40, REFUND_ATTEMPTS_MAX - 1])(
  'that was refused at attempt %i has a whole series after a retry',
  async (attempts) => {
    await sender.stop();
    const [{ id: refundId } = { id: 0 }] = refund('pending');
    for (let made = 0; made < attempts; made += 1) {
      await store.submit({ kind: 'beginRefund', refundId, attempts: made, amount: 1250, nextAttemptAt: 0 });
    }
    await store.submit({ kind: 'finishRefund', refundId, result: 'failed', error: 'charge_disputed' });
    await store.submit({ kind: 'retryRefund', actor: 'operator', refundId });
    stripe.fail(route, ...Array.from({ length: 3 }, () => ({ kind: 'status', status: 500 }) as const));
    sender = startSender();
    // Long enough for first waits, and for no others.
    await pass(2 * minuteMs);
    expect(refund('sent')).toHaveLength(1);
    expect(timesRefunded()).toEqual([0, 1]);
  },
);

test('uses a new key once Stripe replays an error, and keeps the key while an answer is missing', async () => {
  await sender.stop();
  stripe.takesEveryRefund = true;
  const keys: string[] = [];
  const { refund: ask } = provider;
  provider.refund = (request) => {
    keys.push(request.key);
    return ask(request);
  };
  stripe.fail(route, { kind: 'late' }, { kind: 'status', status: 429 }, { kind: 'status', status: 500 });
  sender = startSender();
  for (let attempt = 0; attempt < 4; attempt += 1) {
    clock.jump(REFUND_BACKOFF_MAX_MS);
    await sender.stop();
    // A new process knows only the rows.
    sender = startSender();
  }
  expect(refund('sent')).toHaveLength(1);
  const [{ id: refundId } = { id: 0 }] = refund('sent');
  const id = ids.refund(refundId);
  expect(keys).toEqual([id, id, id, `${id}.3`]);
  await stripe.land();
  expect(timesRefunded()).toEqual([0, 1]);
});

test('that was sent by a process that died before it knew is not sent again', async () => {
  stripe.fail(route, { kind: 'silent' });
  clock.advance(1_000);
  // The provider has the refund; the process ends without the answer.
  await expect.poll(() => timesRefunded()).toEqual([0, 1]);
  await store.close(2_000);
  await sender.stop();
  store = await openConfiguredDatabase();
  expect(refund('pending')).toMatchObject([{ attempts: 1, lastError: null }]);
  sender = startSender();
  await pass(2 * minuteMs);
  expect(refund('sent')).toHaveLength(1);
  expect(timesRefunded()).toEqual([0, 1]);
  expect(stripe.asked.filter((asked) => asked === route)).toHaveLength(1);
});
