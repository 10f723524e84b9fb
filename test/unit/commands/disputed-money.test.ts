/** Disputes with refunds: a payment is returned once, and a lost dispute leaves nothing pending. */
import { describe, expect, test } from 'vitest';
import { noon, recordPayment } from '../../support/commands.ts';
import {
  booksAgree,
  bought,
  dispute,
  finish,
  fulfil,
  order,
  refund,
  refundByOperator,
  refunds,
  report,
} from '../../support/reported-movements.ts';

describe('a dispute', () => {
  test('that is open blocks refunds', () => {
    using store = bought();
    report(store, dispute('open'));
    expect(refundByOperator(store)).toBe('refund_disputed');
    report(store, dispute('won', noon + 1_000));
    expect(refundByOperator(store)).toBe('done');
    booksAgree(store, 0);
  });

  test('that was lost leaves nothing to refund', () => {
    using store = bought();
    report(store, dispute('lost'));
    expect(refundByOperator(store)).toBe('refund_disputed');
    expect(order(store)).toEqual({ status: 'paid', dispute: 'lost' });
    booksAgree(store, 0);
  });

  test('of a part that was lost leaves the rest to refund', () => {
    using store = bought();
    report(store, { ...dispute('lost'), amount: 500 });
    expect(refundByOperator(store)).toBe('done');
    expect(refunds(store)).toMatchObject([{ status: 'pending', amount: 750 }]);
    booksAgree(store, 0);
  });

  test('that is lost ends a pending refund', () => {
    using store = bought();
    refundByOperator(store);
    finish(store, 'failed');
    report(store, dispute('lost'));
    expect(refunds(store)).toMatchObject([{ status: 'settled', amount: 0 }]);
    expect(order(store)).toEqual({ status: 'refunded', dispute: 'lost' });
    expect(store.run({ kind: 'retryRefund', actor: 'operator', refundId: 1 }, noon).kind).toBe(
      'refund_not_failed',
    );
    booksAgree(store, 0);
  });

  test('lost after its refund is recorded as a loss, and the books balance', () => {
    using store = bought();
    refundByOperator(store);
    finish(store, 'sent');
    report(store, dispute('lost'));
    booksAgree(store, -1250);
  });

  test('lost after its refund, which then fails, leaves nothing owed', () => {
    using store = bought();
    refundByOperator(store);
    finish(store, 'sent');
    report(store, dispute('lost'));
    report(store, refund({ refundId: 1, status: 'failed', error: 'declined' }));
    expect(refunds(store)).toMatchObject([{ status: 'settled', amount: 0 }]);
    expect(order(store)).toEqual({ status: 'refunded', dispute: 'lost' });
    booksAgree(store, 0);
  });

  test('of a refunded second payment does not stop the order', () => {
    using store = bought();
    store.run(recordPayment(1, { eventId: 'second', reference: 'second' }), noon);
    finish(store, 'sent');
    const report = { kind: 'recordMovement', provider: 'sandbox', keepsEarly: false } as const;
    store.run({ ...report, paymentReference: 'second', movement: dispute('open') }, noon);
    expect(order(store)).toEqual({ status: 'paid', dispute: null });
    expect(fulfil(store)).toBe('done');
    booksAgree(store, 1250);
  });

  test('whose inquiry was closed opens again', () => {
    using store = bought();
    report(store, dispute('open'));
    report(store, dispute('won', noon + 10));
    report(store, dispute('open', noon + 5));
    expect(order(store)).toMatchObject({ dispute: 'won' });
    report(store, dispute('open', noon + 20));
    expect(order(store)).toMatchObject({ dispute: 'open' });
    expect(fulfil(store)).toBe('disputed');
    booksAgree(store, 1250);
  });

  test('that is won and lost in the same second is lost', () => {
    for (const statuses of [
      ['won', 'lost'],
      ['lost', 'won'],
    ] as const) {
      using store = bought();
      for (const status of statuses) report(store, dispute(status));
      expect(order(store)).toMatchObject({ dispute: 'lost' });
      booksAgree(store, 0);
    }
  });

  test('in another currency stops the order, and counts no money', () => {
    using store = bought();
    report(store, { ...dispute('lost'), amount: 100, currency: 'USD' });
    expect(order(store)).toMatchObject({ dispute: 'lost' });
    booksAgree(store, 1250);
  });
});
