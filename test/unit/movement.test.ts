/** Disputes, refunds made outside and refunds that fail late: whatever order they are reported in, the books agree. */
import { describe, expect, test } from 'vitest';
import { auditRows } from '../../src/database/audit/audit.ts';
import { certify } from '../../src/database/audit/certificate.ts';
import { rowsOf } from '../../src/database/sqlite/file-rows.ts';
import type { Movement } from '../../src/domain/movement.ts';
import { createDrop, noon, placeHold, recordPayment } from '../support/commands.ts';
import { ScratchStore } from '../support/scratch-store.ts';

const paymentReference = 'payment of event of 1';
const basics = { reference: 'dp_1', amount: 1250, currency: 'EUR', happenedAt: noon } as const;
const dispute = (status: 'open' | 'won' | 'lost', happenedAt = noon): Movement => ({
  ...{ ...basics, happenedAt },
  ...{ kind: 'dispute', status, reason: 'fraudulent', openedAt: noon },
});
const refund = (changes: Partial<Extract<Movement, { kind: 'refund' }>> = {}): Movement => ({
  ...basics,
  ...{ reference: 're_1', kind: 'refund', status: 'sent', error: null, refundId: null },
  ...changes,
});

function bought(): ScratchStore {
  const store = new ScratchStore();
  store.run(createDrop(), noon);
  store.run(placeHold('ann'), noon);
  store.run(recordPayment(1), noon);
  return store;
}
const tell = (store: ScratchStore, movement: Movement, keepsEarly = true) =>
  store.run(
    { kind: 'recordMovement', provider: 'sandbox', paymentReference, keepsEarly, movement },
    noon + 1,
  );
const fulfil = (store: ScratchStore, despiteDispute = false) =>
  store.run(
    { kind: 'fulfilOrder', actor: 'operator', orderId: 1, trackingCode: null, despiteDispute },
    noon + 2,
  ).kind;
const order = (store: ScratchStore) => store.rows('select status, dispute from orders')[0];
const refunds = (store: ScratchStore) =>
  store.rows('select status, reason, amount, reference from refunds order by id');
const items = (store: ScratchStore) => store.rows('select sold, stock from items')[0];
function booksAgree(store: ScratchStore, kept: number): void {
  expect(auditRows(rowsOf(store.reader))).toEqual([]);
  const [certificate] = certify(rowsOf(store.reader), noon);
  expect(certificate?.violations).toEqual([]);
  expect(certificate?.kept.amount).toBe(kept);
}

describe('a dispute', () => {
  test.each(['open', 'lost'] as const)('that is %s stops the order until the operator insists', (status) => {
    using store = bought();
    tell(store, dispute(status));
    expect(order(store)).toEqual({ status: 'paid', dispute: status });
    expect(fulfil(store)).toBe('disputed');
    expect(fulfil(store, true)).toBe('done');
    booksAgree(store, status === 'lost' ? 0 : 1250);
  });

  test('that was won stops nothing', () => {
    using store = bought();
    tell(store, dispute('open'));
    tell(store, dispute('won', noon + 1_000));
    expect(order(store)).toEqual({ status: 'paid', dispute: 'won' });
    expect(fulfil(store)).toBe('done');
    booksAgree(store, 1250);
  });

  test.each([
    [['lost', 'open'], 'lost'],
    [['open', 'open', 'lost', 'lost'], 'lost'],
    [['lost', 'won'], 'won'],
  ] as const)('told as %j ends as %s', (told, end) => {
    using store = bought();
    for (const [index, status] of told.entries()) tell(store, dispute(status, noon + index));
    expect(order(store)).toMatchObject({ dispute: end });
    booksAgree(store, end === 'lost' ? 0 : 1250);
  });

  test('whose older decision is told later stays as the newer one says', () => {
    using store = bought();
    tell(store, dispute('won', noon + 10));
    tell(store, dispute('lost', noon + 5));
    expect(order(store)).toMatchObject({ dispute: 'won' });
    booksAgree(store, 1250);
  });
});

describe('a refund made outside', () => {
  test('of all money ends a paid order, and its unit is on sale again', () => {
    using store = bought();
    expect(tell(store, refund())).toEqual({ kind: 'movement_recorded', effect: 'refund' });
    expect(tell(store, refund())).toEqual({ kind: 'movement_recorded', effect: 'known' });
    expect(order(store)).toMatchObject({ status: 'refunded' });
    expect(items(store)).toEqual({ sold: 0, stock: 5 });
    booksAgree(store, 0);
  });

  test('in parts ends the order with the last part', () => {
    using store = bought();
    tell(store, refund({ amount: 500 }));
    expect(order(store)).toMatchObject({ status: 'paid' });
    booksAgree(store, 750);
    tell(store, refund({ amount: 750, reference: 're_2' }));
    expect(order(store)).toMatchObject({ status: 'refunded' });
    booksAgree(store, 0);
  });

  test('leaves a fulfilled order fulfilled', () => {
    using store = bought();
    fulfil(store);
    tell(store, refund());
    expect(order(store)).toMatchObject({ status: 'fulfilled' });
    expect(items(store)).toEqual({ sold: 1, stock: 5 });
    booksAgree(store, 0);
  });

  test('of a part leaves the operator the rest to give back', () => {
    using store = bought();
    // Refunds and payments must not happen to have the same keys.
    store.run(placeHold('bob'), noon);
    store.run(recordPayment(2), noon);
    for (const amount of [200, 300]) tell(store, refund({ amount, reference: `re_${amount}` }));
    for (const orderId of [2, 1])
      store.run({ kind: 'refundOrder', actor: 'operator', orderId, restock: true }, noon + 2);
    expect(refunds(store).map((one) => (one as { amount: number }).amount)).toEqual([200, 300, 1250, 750]);
    booksAgree(store, 0);
  });

  test('is the refund that this server still owes', () => {
    using store = bought();
    store.run({ kind: 'refundOrder', actor: 'operator', orderId: 1, restock: true }, noon);
    tell(store, refund());
    expect(refunds(store)).toEqual([{ status: 'sent', reason: 'operator', amount: 1250, reference: 're_1' }]);
    expect(order(store)).toMatchObject({ status: 'refunded' });
    booksAgree(store, 0);
  });

  test.each(['re_1', null])(
    'that the provider named %j when it refused ours as refunded already counts once',
    (reference) => {
      using store = bought();
      store.run({ kind: 'refundOrder', actor: 'operator', orderId: 1, restock: true }, noon);
      store.run({ kind: 'finishRefund', refundId: 1, result: 'sent', error: null, reference }, noon);
      for (const _ of ['once', 'again']) expect(tell(store, refund())).toMatchObject({ effect: 'known' });
      expect(refunds(store)).toEqual([
        { status: 'sent', reason: 'operator', amount: 1250, reference: 're_1' },
      ]);
      booksAgree(store, 0);
    },
  );

  test('in parts, which the provider did not name, counts once', () => {
    using store = bought();
    store.run({ kind: 'refundOrder', actor: 'operator', orderId: 1, restock: true }, noon);
    store.run({ kind: 'finishRefund', refundId: 1, result: 'sent', error: null }, noon);
    for (const amount of [500, 750])
      expect(tell(store, refund({ amount, reference: `re_${amount}` }))).toMatchObject({ effect: 'known' });
    expect(refunds(store)).toHaveLength(1);
    booksAgree(store, 0);
  });

  test('that is in the books already does not end another one', () => {
    using store = bought();
    tell(store, refund({ amount: 625 }));
    store.run({ kind: 'refundOrder', actor: 'operator', orderId: 1, restock: true }, noon);
    store.run(
      { kind: 'finishRefund', refundId: 2, result: 'sent', error: null, reference: 're_1' },
      noon + 2,
    );
    expect(refunds(store)).toMatchObject([{ status: 'sent' }, { status: 'failed', reference: null }]);
    expect(order(store)).toMatchObject({ status: 'refunding' });
    booksAgree(store, 0);
  });

  test('is the one that the operator has settled by hand', () => {
    using store = bought();
    store.run({ kind: 'refundOrder', actor: 'operator', orderId: 1, restock: true }, noon);
    store.run({ kind: 'finishRefund', refundId: 1, result: 'failed', error: 'declined' }, noon);
    store.run({ kind: 'settleRefund', actor: 'operator', refundId: 1, note: 'In the dashboard' }, noon);
    for (const _ of ['once', 'again']) expect(tell(store, refund())).toMatchObject({ effect: 'known' });
    expect(refunds(store)).toMatchObject([{ status: 'settled', reference: 're_1' }]);
    booksAgree(store, 0);
  });

  test('that failed and was not heard of owes nothing once another one has returned the money', () => {
    using store = bought();
    store.run({ kind: 'refundOrder', actor: 'operator', orderId: 1, restock: true }, noon);
    store.run({ kind: 'finishRefund', refundId: 1, result: 'sent', error: null, reference: 're_2' }, noon);
    expect(tell(store, refund({ status: 'failed', error: 'declined' }))).toMatchObject({ effect: 'known' });
    expect(order(store)).toMatchObject({ status: 'refunded' });
    booksAgree(store, 0);
  });

  test('of the payment that came twice leaves the order paid', () => {
    using store = bought();
    store.run(recordPayment(1, { eventId: 'second' }), noon);
    store.run(
      {
        ...{ kind: 'recordMovement', provider: 'sandbox', keepsEarly: false },
        ...{ paymentReference: 'payment of second', movement: refund({ amount: 300 }) },
      },
      noon,
    );
    expect(order(store)).toMatchObject({ status: 'paid' });
    booksAgree(store, 950);
  });
});

describe('a refund that fails after it was accepted', () => {
  const sent = (): ScratchStore => {
    const store = bought();
    store.run({ kind: 'refundOrder', actor: 'operator', orderId: 1, restock: true }, noon);
    store.run({ kind: 'finishRefund', refundId: 1, result: 'sent', error: null, reference: 're_1' }, noon);
    return store;
  };
  const failure = (reference = 're_1') =>
    refund({ status: 'failed', error: 'expired_or_canceled_card', refundId: 1, reference });

  test('is owed again, and is settled by hand once', () => {
    using store = sent();
    tell(store, failure());
    expect(tell(store, failure())).toMatchObject({ effect: 'known' });
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
      { actor: 'operator', detail: '{"reason":"operator"}' },
    ]);
    booksAgree(store, 0);
  });

  test('is sent again, and its old failure told late changes nothing', () => {
    using store = sent();
    tell(store, failure());
    store.run({ kind: 'retryRefund', actor: 'operator', refundId: 1 }, noon + 2);
    expect(tell(store, failure())).toMatchObject({ effect: 'known' });
    store.run(
      { kind: 'finishRefund', refundId: 1, result: 'sent', error: null, reference: 're_2' },
      noon + 3,
    );
    expect(tell(store, failure())).toMatchObject({ effect: 'known' });
    expect(order(store)).toMatchObject({ status: 'refunded' });
    tell(store, failure('re_2'));
    expect(order(store)).toMatchObject({ status: 'refunding' });
    booksAgree(store, 0);
  });

  test('and is told so before the answer to its request', () => {
    using store = bought();
    store.run({ kind: 'refundOrder', actor: 'operator', orderId: 1, restock: true }, noon);
    tell(store, failure());
    store.run({ kind: 'finishRefund', refundId: 1, result: 'sent', error: null, reference: 're_1' }, noon);
    expect(refunds(store)).toMatchObject([{ status: 'failed' }]);
    expect(order(store)).toMatchObject({ status: 'refunding' });
    booksAgree(store, 0);
  });

  test('made outside, is owed by this server', () => {
    using store = bought();
    tell(store, refund());
    tell(store, refund({ status: 'failed', error: 'declined' }));
    expect(refunds(store)).toMatchObject([{ status: 'failed', reason: 'outside' }]);
    expect(order(store)).toMatchObject({ status: 'refunding' });
    store.run({ kind: 'settleRefund', actor: 'operator', refundId: 1, note: 'Cash' }, noon + 3);
    expect(order(store)).toMatchObject({ status: 'refunded' });
    booksAgree(store, 0);
  });
});

test('a refund is settled only once it has failed', () => {
  using store = bought();
  store.run({ kind: 'refundOrder', actor: 'operator', orderId: 1, restock: true }, noon);
  const settle = { kind: 'settleRefund', actor: 'operator', refundId: 1, note: 'Cash' } as const;
  expect(store.run(settle, noon).kind).toBe('refund_not_settleable');
  expect(store.run({ ...settle, refundId: 9 }, noon).kind).toBe('refund_not_found');
});

test('what is reported before its payment waits for it', () => {
  using store = new ScratchStore();
  store.run(createDrop(), noon);
  store.run(placeHold('ann'), noon);
  expect(tell(store, dispute('open'), false)).toEqual({ kind: 'payment_unknown' });
  for (const movement of [dispute('lost', noon + 1), dispute('open'), refund({ amount: 500 })]) {
    for (const effect of ['kept', 'kept']) expect(tell(store, movement)).toMatchObject({ effect });
  }
  expect(store.rows('select count(*) as n from early_movements')).toEqual([{ n: 3 }]);
  store.run(recordPayment(1), noon + 2);
  expect(order(store)).toEqual({ status: 'paid', dispute: 'lost' });
  expect(refunds(store)).toMatchObject([{ reason: 'outside', amount: 500 }]);
  expect(store.rows('select count(*) as n from early_movements')).toEqual([{ n: 0 }]);
  booksAgree(store, -500);
});
