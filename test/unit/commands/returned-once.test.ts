/** A payment is returned once: for all reports of refunds and disputes, in any order. */
import { describe, expect, test } from 'vitest';
import { createDrop, noon, placeHold, recordPayment } from '../../support/commands.ts';
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
import { ScratchStore } from '../../support/scratch-store.ts';

const outside = { status: 'sent', reason: 'outside' } as const;
const retry = (store: ScratchStore, refundId = 1) =>
  store.run({ kind: 'retryRefund', actor: 'operator', refundId }, noon + 2).kind;
const settle = (store: ScratchStore, refundId = 1) =>
  store.run({ kind: 'settleRefund', actor: 'operator', refundId, note: 'bank' }, noon + 2).kind;
const failed = (reference: string, refundId: number | null = null, amount = 1250) =>
  refund({ reference, refundId, amount, status: 'failed', error: 'declined' });
const owed = (store: ScratchStore) =>
  store.rows(`select amount, attempts, key_number as keyNumber from refunds where status = 'pending'`);
const effectOf = (outcome: ReturnType<typeof report>) =>
  outcome.kind === 'movement_recorded' ? outcome.effect : outcome.kind;

describe('a refund of a part that fails', () => {
  test('leaves the order paid, with its units', () => {
    using store = bought();
    report(store, refund({ amount: 250 }));
    report(store, failed('re_1', null, 250));
    expect(order(store)).toMatchObject({ status: 'paid' });
    expect(refunds(store)).toMatchObject([{ status: 'failed', amount: 250 }]);
    booksAgree(store, 1000);
    expect(fulfil(store)).toBe('done');
    booksAgree(store, 1000);
  });

  test('keeps a partly refunded order pending until its own money is back', () => {
    using store = bought();
    report(store, refund({ amount: 250 }));
    report(store, failed('re_1', null, 250));
    report(store, refund({ reference: 're_2', amount: 1000 }));
    expect(order(store)).toMatchObject({ status: 'refunding' });
    expect(items(store)).toMatchObject({ sold: 0 });
    booksAgree(store, 0);
    expect(settle(store)).toBe('done');
    expect(order(store)).toMatchObject({ status: 'refunded' });
    booksAgree(store, 0);
  });
});

describe('money refunded in the dashboard while this server owes it', () => {
  test.each([
    [
      'in one part',
      [250],
      [
        { status: 'pending', amount: 1000 },
        { ...outside, amount: 250 },
      ],
      'refunding',
    ],
    [
      'in two parts that add up to the whole',
      [600, 650],
      [
        { status: 'sent', reason: 'operator', amount: 650 },
        { ...outside, amount: 600 },
      ],
      'refunded',
    ],
  ] as const)('%s is no longer owed', (_, parts, rows, status) => {
    using store = bought();
    refundByOperator(store);
    for (const [index, amount] of parts.entries())
      report(store, refund({ reference: `re_${index + 5}`, amount }));
    expect(refunds(store)).toMatchObject(rows);
    expect(order(store)).toMatchObject({ status });
    booksAgree(store, 0);
  });

  test('is requested with the smaller amount, under a new key', () => {
    using store = bought();
    refundByOperator(store);
    const begin = (amount: number, attempts: number) =>
      store.run({ kind: 'beginRefund', refundId: 1, attempts, amount, nextAttemptAt: 0 }, noon).kind;
    expect(begin(1250, 0)).toBe('done');
    report(store, refund({ reference: 're_9', amount: 250 }));
    expect(begin(1250, 1)).toBe('not_due');
    expect(owed(store)).toEqual([{ amount: 1000, attempts: 1, keyNumber: 1 }]);
    expect(begin(1000, 1)).toBe('done');
  });

  test('in part, and the rest by hand as advised, adds up to the whole', () => {
    using store = bought();
    refundByOperator(store);
    finish(store, 'failed', { error: 'refused' });
    report(store, refund({ reference: 're_8', amount: 250 }));
    report(store, refund({ reference: 're_9', amount: 1000 }));
    expect(order(store)).toMatchObject({ status: 'refunded' });
    expect(settle(store)).toBe('refund_not_settleable');
    booksAgree(store, 0);
  });

  test('covers a refund that failed, when more than that comes back', () => {
    using store = bought();
    report(store, refund({ amount: 250 }));
    report(store, failed('re_1', null, 250));
    report(store, refund({ reference: 're_2' }));
    expect(refunds(store)).toMatchObject([
      { status: 'settled', amount: 0 },
      { status: 'sent', amount: 1250 },
    ]);
    expect(order(store)).toMatchObject({ status: 'refunded' });
    booksAgree(store, 0);
  });

  test('was reported before the payment, which was of a wrong amount', () => {
    using store = new ScratchStore();
    store.run(createDrop(), noon);
    store.run(placeHold('ann'), noon);
    report(store, refund({ amount: 750 }));
    store.run(recordPayment(1, { amount: 2000 }), noon);
    expect(refunds(store)).toMatchObject([
      { status: 'pending', reason: 'wrong_amount', amount: 1250 },
      { ...outside, amount: 750 },
    ]);
    booksAgree(store, 0);
  });
});

describe('a late report', () => {
  test('of the first attempt does not mark the second one, which failed too, as sent', () => {
    using store = bought();
    refundByOperator(store);
    finish(store, 'sent', { reference: 're_1' });
    report(store, failed('re_1', 1));
    retry(store);
    finish(store, 'sent', { reference: 're_2' });
    report(store, failed('re_2', 1));
    expect(effectOf(report(store, refund({ reference: 're_1', refundId: 1 })))).toBe('known');
    expect(effectOf(report(store, refund({ reference: 're_2', refundId: 1 })))).toBe('known');
    expect(finish(store, 'sent', { reference: 're_1' })).toBe('not_due');
    expect(order(store)).toMatchObject({ status: 'refunding' });
    booksAgree(store, 0);
  });

  test.each([
    ['before it', ['failed', 'sent']],
    ['after it', ['sent', 'failed']],
    ['alone', ['failed']],
  ] as const)('of a refund in the dashboard that failed, %s, adds no second debt', (_, statuses) => {
    using store = bought();
    refundByOperator(store);
    finish(store, 'sent', { reference: 're_1' });
    report(store, failed('re_1', 1));
    for (const status of statuses)
      report(store, status === 'failed' ? failed('re_dash') : refund({ reference: 're_dash' }));
    expect(refunds(store)).toMatchObject([{ status: 'failed', amount: 1250 }]);
    expect(order(store)).toMatchObject({ status: 'refunding' });
    booksAgree(store, 0);
    retry(store);
    expect(owed(store)).toHaveLength(1);
  });
});

test('a partial refund that failed in the dashboard is still owed, whatever late reports arrive', () => {
  using store = bought();
  refundByOperator(store);
  report(store, failed('re_dash', null, 600));
  expect(effectOf(report(store, refund({ reference: 're_dash', amount: 600 })))).toBe('known');
  expect(refunds(store)).toMatchObject([{ status: 'pending', amount: 1250 }]);
  booksAgree(store, 0);
});

describe('a refund that was settled by hand', () => {
  const settled = (): ScratchStore => {
    const store = bought();
    refundByOperator(store);
    finish(store, 'failed', { error: 'refused' });
    settle(store);
    return store;
  };
  const kinds = (store: ScratchStore) =>
    store.rows(`select kind from events where kind = 'refund_doubled'`).length;

  test('and also made by the provider is reported once', () => {
    using store = settled();
    expect(effectOf(report(store, refund({ refundId: 1 })))).toBe('refund');
    expect(effectOf(report(store, refund({ refundId: 1 })))).toBe('known');
    expect(kinds(store)).toBe(1);
    booksAgree(store, 0);
  });

  test('and made in the dashboard counts as that refund', () => {
    using store = settled();
    for (let times = 0; times < 2; times += 1)
      expect(effectOf(report(store, refund({ reference: 're_dash' })))).toBe('known');
    expect(kinds(store)).toBe(0);
    expect(refunds(store)).toMatchObject([{ status: 'settled', reference: 're_dash' }]);
    booksAgree(store, 0);
  });
});

test.each([
  ['above the payment', { amount: 5000 }],
  ['in another currency', { amount: 100, currency: 'USD' }],
])('a refund %s is not counted as one of the payment', (_, changes) => {
  using store = bought();
  expect(effectOf(report(store, refund(changes)))).toBe('mismatched');
  expect(refunds(store)).toEqual([]);
  booksAgree(store, 1250);
});
