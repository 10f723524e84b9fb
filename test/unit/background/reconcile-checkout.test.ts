/** Checkouts on a test's clock: a final state is queried once, no checkout is queried forever. */
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as schema from '../../../drizzle/schema.ts';
import { type ReconcileDeps, reconcileCheckoutsOf } from '../../../src/background/reconcile-checkout.ts';
import { createReconciliation } from '../../../src/background/reconciliation.ts';
import { readsOf } from '../../../src/database/read-database.ts';
import type { ShopDatabase } from '../../../src/database/shop-database.ts';
import type { Command } from '../../../src/domain/command.ts';
import { createIds } from '../../../src/ids/ids.ts';
import { CHECKOUT_PENDING_MAX_MS, CHECKOUT_UNASKABLE_MAX_MS } from '../../../src/limits.ts';
import {
  CHECKOUT_UNKNOWN,
  type CheckoutState,
  type PaymentEvent,
  type PaymentProvider,
  ProviderError,
} from '../../../src/payments/provider.ts';
import { createSandbox } from '../../../src/payments/sandbox.ts';
import { silentLog } from '../../support/app-deps.ts';
import { createDrop, minuteMs, noon, placeHold, recordPayment } from '../../support/commands.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { ScratchStore } from '../../support/scratch-store.ts';

const ids = createIds('a-secret-of-thirty-two-characters');
const pending: CheckoutState = { isFinal: false, events: [] };
let scratch: ScratchStore;
let clock: FakeClock;
let errors: object[];
let warnings: object[];
let counted: string[];
let asked: string[];

/** A provider that answers every look-up alike, and records its requests. */
const providerOf = (name: string, answer: () => CheckoutState): PaymentProvider => ({
  ...createSandbox('a-secret-of-thirty-two-characters', () => 'http://shop.example'),
  name,
  async queryCheckout(reference) {
    asked.push(`${name} ${reference}`);
    return answer();
  },
});
const unknown = (): never => {
  throw new ProviderError('first', CHECKOUT_UNKNOWN);
};
const away = (): never => {
  throw new ProviderError('first', 'no_answer');
};

function depsOf(...providers: PaymentProvider[]): ReconcileDeps {
  const reads = readsOf(drizzle(scratch.reader, { schema }));
  const metrics = { count: (_: string, reason: string) => counted.push(reason) };
  const submit = async (command: Command) => scratch.run(command, clock.now());
  return {
    db: { ...reads, submit, metrics } as unknown as ShopDatabase,
    ids,
    providers: new Map(providers.map((provider) => [provider.name, provider])),
    clock,
    log: {
      ...silentLog,
      error: (facts) => void errors.push(facts),
      warn: (facts) => void warnings.push(facts),
    },
  };
}
const reconcile = (...providers: PaymentProvider[]) => createReconciliation(depsOf(...providers))();
const checkout = (provider: string, reference: string): void => {
  const expiresAt = noon + 10 * minuteMs;
  scratch.run({ kind: 'recordCheckout', orderId: 1, provider, reference, url: 'http://x', expiresAt }, noon);
};
const open = () => scratch.rows<{ n: number }>('select count(*) as n from checkouts where closed_at is null');

beforeEach(() => {
  scratch = new ScratchStore();
  clock = new FakeClock(noon);
  errors = [];
  warnings = [];
  counted = [];
  asked = [];
  scratch.run(createDrop({}), noon);
  scratch.run(placeHold('ann'), noon);
  checkout('first', 'one');
});
afterEach(() => scratch[Symbol.dispose]());

describe('a checkout', () => {
  test('in a final state is looked up once', async () => {
    const first = providerOf('first', () => ({ isFinal: true, events: [] }));
    for (let n = 0; n < 2; n += 1) await reconcile(first);
    expect(asked).toEqual(['first one']);
  });

  test('that never ends is given up and logged', async () => {
    const first = providerOf('first', () => pending);
    clock.advance(CHECKOUT_PENDING_MAX_MS);
    await reconcile(first);
    expect(open()).toEqual([{ n: 1 }]);
    clock.advance(11 * minuteMs);
    for (let n = 0; n < 2; n += 1) await reconcile(first);
    expect(open()).toEqual([{ n: 0 }]);
    expect(asked).toHaveLength(2);
    expect(errors).toMatchObject([{ provider: 'first', reference: 'one', code: 'never_ended' }]);
  });

  test.each([
    ['that its provider does not know', 'checkout_unknown', () => [providerOf('first', unknown)]],
    ['whose provider is no longer configured', 'not_configured', () => []],
  ])('%s counts as failed for a bounded time', async (_, code, providers) => {
    expect(await reconcile(...providers())).toMatchObject({ checkouts: 1, failed: 1 });
    expect(open()).toEqual([{ n: 1 }]);
    clock.advance(CHECKOUT_UNASKABLE_MAX_MS + 11 * minuteMs);
    expect(await reconcile(...providers())).toMatchObject({ checkouts: 1, failed: 1 });
    expect(errors).toMatchObject([{ provider: 'first', code }]);
    expect(await reconcile(...providers())).toEqual({ checkouts: 0, payments: 0, movements: 0, failed: 0 });
  });

  test.each([
    ['unreadable_answer', () => new ProviderError('first', 'unreadable_answer')],
    ['parameter_invalid', () => new ProviderError('first', 'parameter_invalid', true)],
    ['command_failed', () => new ProviderError('first', 'command_failed')],
  ])('with a lasting error (%s) counts as failed for a bounded time', async (code, errorOf) => {
    const first = providerOf('first', () => {
      throw errorOf();
    });
    clock.advance(CHECKOUT_PENDING_MAX_MS);
    expect(await reconcile(first)).toMatchObject({ checkouts: 1, failed: 1 });
    expect(open()).toEqual([{ n: 1 }]);
    clock.advance(11 * minuteMs);
    expect(await reconcile(first)).toMatchObject({ checkouts: 1, failed: 1 });
    expect(errors).toMatchObject([{ provider: 'first', code }]);
    expect(await reconcile(first)).toMatchObject({ checkouts: 0, failed: 0 });
  });

  test('of a drop that moved meanwhile does not fail: its payment is left to the new deployment', async () => {
    scratch.run({ kind: 'editDrop', actor: 'operator', dropId: 1, edit: { paused: true } }, noon);
    scratch.run({ kind: 'moveDrop', actor: 'operator', dropId: 1, isMoved: true }, noon);
    const { provider: _, ...facts } = recordPayment(1);
    const order = { id: ids.order({ dropId: 1, orderId: 1 }) };
    const paid: PaymentEvent = { ...facts, order, checkout: 'one', mark: 'own' };
    const first = providerOf('first', () => ({ isFinal: true, events: [paid] }));
    expect(await reconcile(first)).toEqual({ checkouts: 1, payments: 0, movements: 0, failed: 0 });
    expect(counted).toEqual(['moved']);
    expect(warnings).toEqual([{ provider: 'first', reference: paid.reference }]);
    expect(scratch.rows('select * from payments')).toEqual([]);
  });

  test('whose provider is unreachable is looked up again, however old it is', async () => {
    clock.advance(10 * CHECKOUT_PENDING_MAX_MS);
    for (let n = 0; n < 2; n += 1)
      expect(await reconcile(providerOf('first', away))).toMatchObject({ failed: 1 });
    expect(open()).toEqual([{ n: 1 }]);
  });
});

/** A second open checkout of the order at one provider, as an older version recorded it. */
const olderCheckout = (provider: string, reference: string): void => {
  scratch.writer
    .prepare(
      'insert into checkouts (order_id, provider, reference, url, expires_at, created_at) values (1, ?, ?, ?, ?, ?)',
    )
    .run(provider, reference, 'http://x', noon + 10 * minuteMs, noon);
};

test('payments that are found at the same time are all counted', async () => {
  olderCheckout('first', 'two');
  const first = providerOf('first', () => pending);
  first.queryCheckout = async (reference) => ({
    isFinal: true,
    events: [
      {
        eventId: `lookup:${reference}`,
        reference,
        order: { id: ids.order({ orderId: 1, dropId: 1 }) },
        checkout: reference,
        mark: 'own',
        status: 'paid',
        amount: 1250,
        currency: 'EUR',
      },
    ],
  });
  expect(await reconcile(first)).toMatchObject({ checkouts: 2, payments: 2 });
});

describe('the checkouts of an order', () => {
  beforeEach(() => checkout('second', 'two'));
  const second = () => providerOf('second', () => ({ isFinal: true, events: [] }));

  test('are all closed, although the provider of one is unreachable', async () => {
    const failing = reconcileCheckoutsOf(1, depsOf(providerOf('first', away), second()));
    await expect(failing).rejects.toMatchObject({ code: 'no_answer' });
    expect(asked).toEqual(['first one', 'second two']);
  });

  test('are not looked up again immediately, where the provider of one is no longer configured', async () => {
    await reconcileCheckoutsOf(1, depsOf(second()));
    expect(asked).toEqual(['second two']);
    expect(open()).toEqual([{ n: 1 }]);
  });
});

test('a payment that failed is recorded once, by a look-up or by its webhook', () => {
  const failed = { provider: 'first', reference: 'pi_one', status: 'declined' } as const;
  expect(scratch.run(recordPayment(1, { ...failed, eventId: 'lookup' }), noon)).toMatchObject({
    kind: 'payment_recorded',
    effect: 'declined',
  });
  const reported = { ...failed, eventId: 'webhook', endedCheckout: 'one' };
  expect(scratch.run(recordPayment(1, reported), noon)).toEqual({ kind: 'payment_known' });
  expect(open()).toEqual([{ n: 0 }]);
  // The payment can still succeed: it must not be taken for a duplicate of its failure.
  const paid = { ...failed, eventId: 'paid', status: 'paid' } as const;
  expect(scratch.run(recordPayment(1, paid), noon)).toMatchObject({ effect: 'paid' });
});
