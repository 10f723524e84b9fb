/** Disputes and refunds that fail late: the records agree for every order of reports. */
import { describe, expect, test } from 'vitest';
import { createDrop, noon, placeHold, recordPayment } from '../../support/commands.ts';
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
import { ScratchStore } from '../../support/scratch-store.ts';

describe('a dispute', () => {
  test.each(['open', 'lost'] as const)('that is %s stops the order until the operator insists', (status) => {
    using store = bought();
    report(store, dispute(status));
    expect(order(store)).toEqual({ status: 'paid', dispute: status });
    expect(fulfil(store)).toBe('disputed');
    expect(fulfil(store, true)).toBe('done');
    booksAgree(store, status === 'lost' ? 0 : 1250);
  });

  test('that was won blocks nothing', () => {
    using store = bought();
    report(store, dispute('open'));
    report(store, dispute('won', noon + 1_000));
    expect(order(store)).toEqual({ status: 'paid', dispute: 'won' });
    expect(fulfil(store)).toBe('done');
    booksAgree(store, 1250);
  });

  test.each([
    [['lost', 'open'], 'lost'],
    [['open', 'open', 'lost', 'lost'], 'lost'],
    [['lost', 'won'], 'won'],
  ] as const)('reported as %j ends as %s', (reported, end) => {
    using store = bought();
    for (const [index, status] of reported.entries()) report(store, dispute(status, noon + index));
    expect(order(store)).toMatchObject({ dispute: end });
    booksAgree(store, end === 'lost' ? 0 : 1250);
  });

  test('keeps its newer decision when the older one is reported later', () => {
    using store = bought();
    report(store, dispute('won', noon + 10));
    report(store, dispute('lost', noon + 5));
    expect(order(store)).toMatchObject({ dispute: 'won' });
    booksAgree(store, 1250);
  });
});

describe('a refund that fails after it was accepted', () => {
  const sent = (): ScratchStore => {
    const store = bought();
    refundByOperator(store);
    finish(store, 'sent', { reference: 're_1' });
    return store;
  };
  const failure = (reference = 're_1') =>
    refund({ status: 'failed', error: 'expired_or_canceled_card', refundId: 1, reference });

  test('is owed again, and is settled by hand once', () => {
    using store = sent();
    report(store, failure());
    expect(report(store, failure())).toMatchObject({ effect: 'known' });
    expect(order(store)).toMatchObject({ status: 'refunding' });
    booksAgree(store, 0);
    const settle = {
      kind: 'settleRefund',
      actor: 'operator',
      refundId: 1,
      note: 'By bank transfer',
    } as const;
    expect(store.run(settle, noon + 3).kind).toBe('done');
    expect(store.run(settle, noon + 4).kind).toBe('done');
    expect(order(store)).toMatchObject({ status: 'refunded' });
    expect(store.rows(`select actor, detail from events where kind = 'refund_settled'`)).toEqual([
      { actor: 'operator', detail: '{"reason":"operator","ends":true}' },
    ]);
    booksAgree(store, 0);
  });

  test('is sent again, and a late report of the old failure changes nothing', () => {
    using store = sent();
    report(store, failure());
    store.run({ kind: 'retryRefund', actor: 'operator', refundId: 1 }, noon + 2);
    expect(report(store, failure())).toMatchObject({ effect: 'known' });
    store.run(
      { kind: 'finishRefund', refundId: 1, result: 'sent', error: null, reference: 're_2' },
      noon + 3,
    );
    expect(report(store, failure())).toMatchObject({ effect: 'known' });
    expect(order(store)).toMatchObject({ status: 'refunded' });
    report(store, failure('re_2'));
    expect(order(store)).toMatchObject({ status: 'refunding' });
    booksAgree(store, 0);
  });

  test('is recorded when its report arrives before the answer to its request', () => {
    using store = bought();
    refundByOperator(store);
    report(store, failure());
    finish(store, 'sent', { reference: 're_1' });
    expect(refunds(store)).toMatchObject([{ status: 'failed' }]);
    expect(order(store)).toMatchObject({ status: 'refunding' });
    booksAgree(store, 0);
  });

  test('made outside, is owed by this server', () => {
    using store = bought();
    report(store, refund());
    report(store, refund({ status: 'failed', error: 'declined' }));
    expect(refunds(store)).toMatchObject([{ status: 'failed', reason: 'outside' }]);
    expect(order(store)).toMatchObject({ status: 'refunding' });
    store.run({ kind: 'settleRefund', actor: 'operator', refundId: 1, note: 'Cash' }, noon + 3);
    expect(order(store)).toMatchObject({ status: 'refunded' });
    booksAgree(store, 0);
  });
});

test('a refund is settled only once it has failed', () => {
  using store = bought();
  refundByOperator(store);
  const settle = { kind: 'settleRefund', actor: 'operator', refundId: 1, note: 'Cash' } as const;
  expect(store.run(settle, noon).kind).toBe('refund_not_settleable');
  expect(store.run({ ...settle, refundId: 9 }, noon).kind).toBe('refund_not_found');
});

test('a movement reported before its payment waits for the payment', () => {
  using store = new ScratchStore();
  store.run(createDrop(), noon);
  store.run(placeHold('ann'), noon);
  expect(report(store, dispute('open'), false)).toEqual({ kind: 'payment_unknown' });
  for (const movement of [dispute('lost', noon + 1), dispute('open'), refund({ amount: 500 })]) {
    for (const effect of ['kept', 'kept']) expect(report(store, movement)).toMatchObject({ effect });
  }
  expect(store.rows('select count(*) as n from early_movements')).toEqual([{ n: 3 }]);
  store.run(recordPayment(1), noon + 2);
  expect(order(store)).toEqual({ status: 'paid', dispute: 'lost' });
  expect(refunds(store)).toMatchObject([{ reason: 'outside', amount: 500 }]);
  expect(store.rows('select count(*) as n from early_movements')).toEqual([{ n: 0 }]);
  booksAgree(store, -500);
});

test('a report of another shard’s refund, stored before its payment, keeps that shard', () => {
  using store = new ScratchStore();
  store.run(createDrop(), noon);
  store.run(placeHold('ann'), noon);
  const movement = refund({ refundId: 1, keyShardId: 7 });
  report(store, movement);
  const { keyShardId, ...rest } = movement as typeof movement & { kind: 'refund' };
  // As earlier versions wrote it: another text would be another report.
  expect(store.rows('select report from early_movements')).toEqual([
    { report: JSON.stringify({ ...rest, keyPlace: keyShardId }) },
  ]);
  store.run({ ...recordPayment(1), amount: 1 }, noon + 2);
  // Our own refund 1 is another one: it is still due.
  expect(refunds(store)).toMatchObject([{ reason: 'wrong_amount', status: 'pending' }]);
});
