/** Reconciliation finds disputes and refunds whose webhook was lost, in pages, despite failures. */
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import * as schema from '../../../drizzle/schema.ts';
import { createReconciliation } from '../../../src/background/reconciliation.ts';
import { readsOf } from '../../../src/database/read-database.ts';
import type { ShopDatabase } from '../../../src/database/shop-database.ts';
import type { Command } from '../../../src/domain/command.ts';
import { createIds } from '../../../src/ids/ids.ts';
import { RECONCILE_MOVEMENTS_AGE_MS } from '../../../src/limits.ts';
import { createPayosProvider } from '../../../src/payments/payos.ts';
import type { PaymentProvider } from '../../../src/payments/provider.ts';
import { createStripeProvider } from '../../../src/payments/stripe.ts';
import { silentLog } from '../../support/app-deps.ts';
import { createDrop, noon, placeHold, recordPayment } from '../../support/commands.ts';
import { readMark } from '../../support/deployment-mark.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { LoopbackPayos, type LoopbackPayout } from '../../support/loopback-payos.ts';
import { LoopbackStripe } from '../../support/loopback-stripe.ts';
import { ScratchStore } from '../../support/scratch-store.ts';

const ids = createIds('a-secret-of-thirty-two-characters');
let stripe: LoopbackStripe;
let scratch: ScratchStore;
let provider: PaymentProvider;

beforeEach(async () => {
  stripe = await new LoopbackStripe().listen();
  const { secretKey, webhookSecret, url: apiBase } = stripe;
  provider = createStripeProvider({ secretKey, webhookSecret, apiBase, timeoutMs: 10_000, readMark });
  scratch = new ScratchStore();
  scratch.run(createDrop(), noon);
  scratch.run(placeHold('ann'), noon);
  scratch.run(recordPayment(1, { provider: 'stripe', reference: 'pi_one' }), noon);
});
afterEach(async () => {
  scratch[Symbol.dispose]();
  await stripe.close();
});

const basics = { amount: 1250, currency: 'eur', created: noon / 1000 };
const dispute = (id: string, payment_intent: string, status = 'needs_response') => ({
  ...basics,
  object: 'dispute',
  id,
  payment_intent,
  status,
  reason: 'fraudulent',
});
const reconcile = (...others: PaymentProvider[]) => {
  const submit = async (command: Command) => scratch.run(command, noon + 1);
  return createReconciliation({
    db: { ...readsOf(drizzle(scratch.reader, { schema })), submit } as unknown as ShopDatabase,
    ids,
    providers: new Map([...others, provider].map((one) => [one.name, one])),
    clock: new FakeClock(noon + 1),
    log: silentLog,
  })();
};
const order = () => scratch.rows('select status, dispute from orders')[0];

test('a dispute behind a page of disputes of other shops is found once', async () => {
  stripe.disputes.push(dispute('dp_one', 'pi_one', 'lost'));
  for (let n = 0; n < 100; n += 1) stripe.disputes.push(dispute(`dp_other${n}`, `pi_other${n}`));
  expect(await reconcile()).toEqual({ checkouts: 0, payments: 0, movements: 1, failed: 0 });
  expect(order()).toEqual({ status: 'paid', dispute: 'lost' });
  expect(await reconcile()).toMatchObject({ movements: 0 });
  expect(scratch.rows('select reference from disputes')).toEqual([{ reference: 'dp_one' }]);
});

test('a dispute that is known to be open is looked up, however old it is', async () => {
  const created = (noon - RECONCILE_MOVEMENTS_AGE_MS) / 1000 - 1;
  const old = { ...dispute('dp_old', 'pi_one'), created };
  stripe.disputes.push(old);
  expect(await reconcile()).toMatchObject({ movements: 0 });
  const report = {
    kind: 'dispute',
    status: 'open',
    reason: 'fraudulent',
    openedAt: 0,
    happenedAt: 0,
  } as const;
  scratch.run(
    {
      kind: 'recordMovement',
      provider: 'stripe',
      paymentReference: 'pi_one',
      keepsEarly: false,
      movement: { ...report, reference: 'dp_old', amount: 1250, currency: 'EUR' },
    },
    noon,
  );
  old.status = 'lost';
  expect(await reconcile()).toMatchObject({ movements: 1, failed: 0 });
  expect(order()).toEqual({ status: 'paid', dispute: 'lost' });
});

test('a refund made in the dashboard is found', async () => {
  stripe.refunds.push({
    ...basics,
    id: 're_one',
    object: 'refund',
    status: 'succeeded',
    payment_intent: 'pi_one',
    metadata: {},
  });
  expect(await reconcile()).toMatchObject({ movements: 1, failed: 0 });
  expect(order()).toMatchObject({ status: 'refunded' });
});

test('an unreachable provider counts as failed, and the next one is queried', async () => {
  stripe.disputes.push(dispute('dp_one', 'pi_one'));
  const { secretKey, webhookSecret } = stripe;
  const apiBase = 'http://127.0.0.1:1';
  const away = createStripeProvider({ secretKey, webhookSecret, apiBase, timeoutMs: 10_000, readMark });
  expect(await reconcile({ ...away, name: 'away' })).toMatchObject({ movements: 1, failed: 1 });
  expect(order()).toMatchObject({ dispute: 'open' });
});

test('a payout that payOS failed to make after accepting it is owed again, once', async () => {
  const payos = await new LoopbackPayos().listen();
  onTestFinished(() => payos.close());
  const { clientId, apiKey, checksumKey, url: apiBase } = payos;
  const settings = { clientId, apiKey, checksumKey, apiBase, timeoutMs: 10_000, readMark };
  scratch.run(placeHold('bob'), noon);
  // The drop has another currency: the payment is refunded.
  scratch.run(recordPayment(2, { provider: 'payos', reference: '7:FT1', currency: 'VND' }), noon);
  const payout: LoopbackPayout = {
    referenceId: ids.refund(1),
    amount: 1250,
    toBin: '970415',
    toAccountNumber: '0011223344',
    state: 'SUCCEEDED',
  };
  payos.payouts.push(payout, { ...payout, referenceId: 'of another shop', state: 'FAILED' });
  scratch.run({ kind: 'finishRefund', refundId: 1, result: 'sent', error: null, reference: 'po_1' }, noon);
  const reconcilePayos = () => reconcile(createPayosProvider(settings));
  expect(await reconcilePayos()).toMatchObject({ movements: 0, failed: 0 });
  payout.state = 'REVERSED';
  expect(await reconcilePayos()).toMatchObject({ movements: 1, failed: 0 });
  expect(await reconcilePayos()).toMatchObject({ movements: 0, failed: 0 });
  expect(scratch.rows('select status, last_error from refunds')).toEqual([
    { status: 'failed', last_error: 'payout_reversed' },
  ]);
});

test('the look-up reaches back as far as a cardholder can dispute a payment', async () => {
  const { movements } = provider;
  if (!movements) throw new Error('Stripe reports movements.');
  const asked: number[] = [];
  const noting: PaymentProvider = {
    ...provider,
    name: 'noting',
    movements(since, now, named) {
      asked.push(since);
      return movements(since, now, named);
    },
  };
  await reconcile(noting);
  expect(asked).toEqual([noon + 1 - RECONCILE_MOVEMENTS_AGE_MS]);
});
