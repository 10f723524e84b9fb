/** Two checkouts of one order: one is open at a time, and only a final state closes it. */
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as schema from '../../../drizzle/schema.ts';
import { createReconciliation } from '../../../src/background/reconciliation.ts';
import { sendRefunds } from '../../../src/background/refund-sender.ts';
import { moneyReads } from '../../../src/database/money-reads.ts';
import { readsOf } from '../../../src/database/read-database.ts';
import type { ShopDatabase } from '../../../src/database/shop-database.ts';
import type { Command } from '../../../src/domain/command.ts';
import { createIds } from '../../../src/ids/ids.ts';
import type { PaymentProvider } from '../../../src/payments/provider.ts';
import { recordPaymentOf } from '../../../src/payments/record-payment.ts';
import { createStripeProvider } from '../../../src/payments/stripe.ts';
import { silentLog } from '../../support/app-deps.ts';
import { createDrop, minuteMs, noon, placed, placeHold } from '../../support/commands.ts';
import { readMark } from '../../support/deployment-mark.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { LoopbackStripe } from '../../support/loopback-stripe.ts';
import { ScratchStore } from '../../support/scratch-store.ts';
import type { Delivery } from '../../support/stripe-signature.ts';

const ids = createIds('a-secret-of-thirty-two-characters');
let stripe: LoopbackStripe;
let provider: PaymentProvider;
let scratch: ScratchStore;
let clock: FakeClock;
let orderId: number;

beforeEach(async () => {
  stripe = await new LoopbackStripe().listen();
  const { secretKey, webhookSecret, url: apiBase } = stripe;
  provider = createStripeProvider({ secretKey, webhookSecret, apiBase, timeoutMs: 10_000, readMark });
  scratch = new ScratchStore();
  clock = new FakeClock(noon);
  scratch.run(createDrop(), noon);
  orderId = placed(scratch.run(placeHold('ann'), noon)).id;
});
afterEach(async () => {
  scratch[Symbol.dispose]();
  await stripe.close();
});

const deps = () => {
  const reads = readsOf(drizzle(scratch.reader, { schema }));
  const submit = async (command: Command) => scratch.run(command, clock.now());
  const store = { ...reads, submit } as unknown as ShopDatabase;
  return {
    db: store,
    ids,
    clock,
    providers: new Map([['stripe', provider]]),
    log: silentLog,
    random: () => 0,
  };
};
const open = async (opened: number): Promise<{ reference: string; url: string; expiresAt: number }> =>
  provider.checkout({
    orderId: ids.order({ dropId: 1, orderId }),
    orderCode: 1,
    amount: 1250,
    currency: 'EUR',
    description: 'A shoe',
    expiresAt: Date.now() + 10 * minuteMs,
    successUrl: 'https://shop.example/',
    cancelUrl: 'https://shop.example/',
    now: Date.now(),
    opened,
  });
const record = (checkout: Awaited<ReturnType<typeof open>>) =>
  scratch.run({ kind: 'recordCheckout', orderId, provider: 'stripe', ...checkout }, noon);
/** As a version without the guard recorded it. */
const recordBeside = ({ reference, url, expiresAt }: Awaited<ReturnType<typeof open>>): void => {
  scratch.writer
    .prepare(
      "insert into checkouts (order_id, provider, reference, url, expires_at, created_at) values (?, 'stripe', ?, ?, ?, ?)",
    )
    .run(orderId, reference, url, expiresAt, noon);
};
const receive = async ({ body, headers }: Delivery): Promise<void> => {
  const reading = await provider.readWebhook(body, new Headers(headers), Date.now());
  if (reading.kind !== 'event') throw new Error('A webhook was not understood.');
  const command = recordPaymentOf(reading.event, 'stripe', { ...deps(), ...moneyReads(deps().db) });
  if (command.kind === 'ignored') throw new Error('A payment was ignored.');
  scratch.run(command, noon);
};
const openRows = (): unknown[] =>
  scratch
    .rows<{ reference: string }>('select reference from checkouts where closed_at is null')
    .map(({ reference }) => reference);

describe('two checkouts of one order', () => {
  test('are both paid, and the second payment’s lost report is found and refunded', async () => {
    const [first, second] = [await open(0), await open(1)];
    record(first);
    recordBeside(second);
    await receive(await stripe.pay(first.reference));
    expect(openRows()).toEqual([second.reference]);

    await stripe.pay(second.reference);
    expect(await createReconciliation(deps())()).toMatchObject({ checkouts: 1, payments: 1, failed: 0 });
    expect(openRows()).toEqual([]);
    const sender = sendRefunds(deps());
    clock.advance(minuteMs);
    await sender.stop();
    const refunds = [first, second].map(({ reference }) => {
      const intent = stripe.sessions.get(reference)?.payment_intent ?? '';
      return stripe.payments.get(intent)?.refunds;
    });
    expect(refunds).toEqual([0, 1]);
  });

  test('of which the second waits for a bank: it is looked up until its payment arrives', async () => {
    const [first, second] = [await open(0), await open(1)];
    record(first);
    recordBeside(second);
    await stripe.payLater(second.reference);
    await receive(await stripe.pay(first.reference));
    const reconcile = createReconciliation(deps());
    expect(await reconcile()).toMatchObject({ checkouts: 1, payments: 0, failed: 0 });
    expect(openRows()).toEqual([second.reference]);
    await stripe.pay(second.reference);
    expect(await reconcile()).toMatchObject({ checkouts: 1, payments: 1, failed: 0 });
    expect(openRows()).toEqual([]);
  });

  test('are never both open: a second request leads to the first until that one is closed', async () => {
    const [first, second] = [await open(0), await open(1)];
    expect(record(first)).toEqual({ kind: 'done' });
    expect(record(second)).toEqual({ kind: 'checkout_open', url: first.url });
    expect(record(first)).toEqual({ kind: 'done' });
    expect(openRows()).toEqual([first.reference]);
    scratch.run({ kind: 'closeCheckout', checkoutId: 1 }, noon);
    expect(record(second)).toEqual({ kind: 'done' });
    expect(openRows()).toEqual([second.reference]);
  });
});
