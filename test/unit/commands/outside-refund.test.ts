/** Refunds made in the provider's dashboard count once, also in place of this server's refund. */
import { describe, expect, test } from 'vitest';
import { noon, placeHold, recordPayment } from '../../support/commands.ts';
import {
  booksAgree,
  bought,
  finish,
  fulfil,
  items,
  order,
  refund,
  refundByOperator,
  refunds,
  report,
} from '../../support/reported-movements.ts';

describe('a refund made outside', () => {
  test('of the whole payment ends a paid order, and its unit is on sale again', () => {
    using store = bought();
    expect(report(store, refund())).toEqual({ kind: 'movement_recorded', effect: 'refund' });
    expect(report(store, refund())).toEqual({ kind: 'movement_recorded', effect: 'known' });
    expect(order(store)).toMatchObject({ status: 'refunded' });
    expect(items(store)).toEqual({ sold: 0, stock: 5 });
    booksAgree(store, 0);
  });

  test('in parts ends the order with the last part', () => {
    using store = bought();
    report(store, refund({ amount: 500 }));
    expect(order(store)).toMatchObject({ status: 'paid' });
    booksAgree(store, 750);
    report(store, refund({ amount: 750, reference: 're_2' }));
    expect(order(store)).toMatchObject({ status: 'refunded' });
    booksAgree(store, 0);
  });

  test('leaves a fulfilled order fulfilled', () => {
    using store = bought();
    fulfil(store);
    report(store, refund());
    expect(order(store)).toMatchObject({ status: 'fulfilled' });
    expect(items(store)).toEqual({ sold: 1, stock: 5 });
    booksAgree(store, 0);
  });

  test('of a part leaves the rest for the operator to refund', () => {
    using store = bought();
    // Refunds and payments must not happen to have the same keys.
    store.run(placeHold('bob'), noon);
    store.run(recordPayment(2), noon);
    for (const amount of [200, 300]) report(store, refund({ amount, reference: `re_${amount}` }));
    for (const orderId of [2, 1])
      store.run({ kind: 'refundOrder', actor: 'operator', orderId, restock: true }, noon + 2);
    expect(refunds(store).map((one) => (one as { amount: number }).amount)).toEqual([200, 300, 1250, 750]);
    booksAgree(store, 0);
  });

  test('settles the refund that this server still owes', () => {
    using store = bought();
    refundByOperator(store);
    report(store, refund());
    expect(refunds(store)).toEqual([{ status: 'sent', reason: 'operator', amount: 1250, reference: 're_1' }]);
    expect(order(store)).toMatchObject({ status: 'refunded' });
    booksAgree(store, 0);
  });

  test.each(['re_1', null])(
    'that the provider named %j when it refused ours as refunded already counts once',
    (reference) => {
      using store = bought();
      refundByOperator(store);
      finish(store, 'sent', { reference });
      for (const _ of ['once', 'again']) expect(report(store, refund())).toMatchObject({ effect: 'known' });
      expect(refunds(store)).toEqual([
        { status: 'sent', reason: 'operator', amount: 1250, reference: 're_1' },
      ]);
      booksAgree(store, 0);
    },
  );

  test('in parts, which the provider did not name, counts once', () => {
    using store = bought();
    refundByOperator(store);
    finish(store, 'sent');
    for (const amount of [500, 750])
      expect(report(store, refund({ amount, reference: `re_${amount}` }))).toMatchObject({ effect: 'known' });
    expect(refunds(store)).toHaveLength(1);
    booksAgree(store, 0);
  });

  test('that is already recorded does not settle another refund', () => {
    using store = bought();
    report(store, refund({ amount: 625 }));
    refundByOperator(store);
    store.run(
      { kind: 'finishRefund', refundId: 2, result: 'sent', error: null, reference: 're_1' },
      noon + 2,
    );
    expect(refunds(store)).toMatchObject([{ status: 'sent' }, { status: 'failed', reference: null }]);
    expect(order(store)).toMatchObject({ status: 'refunding' });
    booksAgree(store, 0);
  });

  test('matches the one that the operator has settled by hand', () => {
    using store = bought();
    refundByOperator(store);
    finish(store, 'failed', { error: 'declined' });
    store.run({ kind: 'settleRefund', actor: 'operator', refundId: 1, note: 'In the dashboard' }, noon);
    for (const _ of ['once', 'again']) expect(report(store, refund())).toMatchObject({ effect: 'known' });
    expect(refunds(store)).toMatchObject([{ status: 'settled', reference: 're_1' }]);
    booksAgree(store, 0);
  });

  test('replaces one whose failure is reported later', () => {
    using store = bought();
    refundByOperator(store);
    finish(store, 'sent', { reference: 're_2' });
    report(store, refund());
    const failure = refund({ status: 'failed', error: 'declined', reference: 're_2', refundId: 1 });
    expect(report(store, failure)).toMatchObject({ effect: 'known' });
    expect(refunds(store)).toMatchObject([{ status: 'sent', reference: 're_1' }]);
    booksAgree(store, 0);
  });

  test('that failed unreported owes nothing once another one has returned the money', () => {
    using store = bought();
    refundByOperator(store);
    finish(store, 'sent', { reference: 're_2' });
    expect(report(store, refund({ status: 'failed', error: 'declined' }))).toMatchObject({ effect: 'known' });
    expect(order(store)).toMatchObject({ status: 'refunded' });
    booksAgree(store, 0);
  });

  test('of a duplicate payment leaves the order paid', () => {
    using store = bought();
    store.run(recordPayment(1, { eventId: 'second' }), noon);
    store.run(
      {
        kind: 'recordMovement',
        provider: 'sandbox',
        keepsEarly: false,
        paymentReference: 'payment of second',
        movement: refund({ amount: 300 }),
      },
      noon,
    );
    expect(order(store)).toMatchObject({ status: 'paid' });
    // The pending refund shrinks by that amount.
    booksAgree(store, 1250);
  });
});
