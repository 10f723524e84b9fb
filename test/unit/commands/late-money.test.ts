/** A late payment buys a unit if one is free and the limit allows it; otherwise it is refunded. */
import { expect, test } from 'vitest';
import type { PlaceHold, RecordPayment } from '../../../src/domain/command.ts';
import { createDrop, noon, placeHold, recordPayment } from '../../support/commands.ts';
import { ScratchStore } from '../../support/scratch-store.ts';

interface Case {
  /** Units that one customer may have; the drop has two. */
  perCustomer?: number;
  /** The hold that is cancelled before its payment. */
  late: PlaceHold;
  /** Whether the customer's data is deleted meanwhile. */
  isErased?: boolean;
  /** Purchases of this and other customers meanwhile. */
  meanwhile: readonly PlaceHold[];
  money?: Partial<RecordPayment>;
  status: 'paid' | 'refunding' | 'released';
  reason: string | null;
}

const phone = { customerPhone: '+1' };
const two = { quantity: 2 };

const cases: Record<string, Case> = {
  'while units are free': {
    late: placeHold('ann'),
    meanwhile: [placeHold('bob')],
    status: 'paid',
    reason: null,
  },
  'after the sell-out': {
    late: placeHold('ann'),
    meanwhile: [placeHold('bob', two)],
    status: 'refunding',
    reason: 'sold_out',
  },
  'when fewer are free than it paid for': {
    late: placeHold('ann', two),
    meanwhile: [placeHold('bob')],
    money: { amount: 2500 },
    status: 'refunding',
    reason: 'sold_out',
  },
  'from a customer who reached the limit after the hold expired': {
    perCustomer: 1,
    late: placeHold('ann'),
    meanwhile: [placeHold('ann')],
    status: 'refunding',
    reason: 'limit_reached',
  },
  'from a phone number that reached the limit after the hold expired': {
    perCustomer: 1,
    late: placeHold('ann', phone),
    meanwhile: [placeHold('bob', phone)],
    status: 'refunding',
    reason: 'limit_reached',
  },
  'from a phone number while another one has reached the limit': {
    perCustomer: 1,
    late: placeHold('ann', phone),
    meanwhile: [placeHold('bob', { customerPhone: '+2' })],
    status: 'paid',
    reason: null,
  },
  'from a customer whose personal data was deleted': {
    late: placeHold('ann'),
    isErased: true,
    meanwhile: [],
    status: 'refunding',
    reason: 'customer_erased',
  },
  'and too little: the order may still be paid': {
    late: placeHold('ann'),
    meanwhile: [],
    money: { amount: 1249 },
    status: 'released',
    reason: 'wrong_amount',
  },
  'and in another currency': {
    late: placeHold('ann'),
    meanwhile: [],
    money: { currency: 'USD' },
    status: 'released',
    reason: 'wrong_amount',
  },
};

test.each(Object.entries(cases))(
  'late money %s',
  (_, { perCustomer = 9, late, isErased, meanwhile, money, status, reason }) => {
    using store = new ScratchStore();
    store.run(createDrop({ perCustomer, items: [{ sku: 'one', name: 'One', price: 1250, stock: 2 }] }), noon);
    store.run(late, noon);
    store.run({ kind: 'cancelOrder', orderId: 1 }, noon);
    if (isErased)
      store.run({ kind: 'eraseCustomer', actor: 'operator', customer: 'ann', openOrders: [] }, noon);
    for (const hold of meanwhile) expect(store.run(hold, noon).kind).toBe('held');
    store.run(recordPayment(1, money), noon);
    expect(store.rows('select status from orders where id = 1')).toEqual([{ status }]);
    expect(store.rows('select reason from refunds')).toEqual(reason === null ? [] : [{ reason }]);
  },
);

test('money for an unknown order is recorded and refunded', () => {
  using store = new ScratchStore();
  for (const orderId of [null, 99]) {
    expect(store.run(recordPayment(orderId), noon)).toEqual({
      kind: 'payment_recorded',
      effect: 'refund_due',
    });
  }
  const refunds = store.rows(
    'select order_id, reason, refunds.amount from refunds join payments on payments.id = payment_id',
  );
  expect(refunds).toEqual([1, 2].map(() => ({ order_id: null, reason: 'unknown_order', amount: 1250 })));
});

test('two events about one payment count its money once', () => {
  using store = new ScratchStore();
  store.run(createDrop(), noon);
  store.run(placeHold('ann'), noon);
  const first = recordPayment(1, { eventId: 'first', reference: 'one payment' });
  expect(store.run(first, noon).kind).toBe('payment_recorded');
  expect(store.run(first, noon)).toEqual({ kind: 'payment_known' });
  expect(store.run({ ...first, eventId: 'second' }, noon)).toEqual({ kind: 'payment_known' });
  expect(store.rows('select count(*) as refunds from refunds')).toEqual([{ refunds: 0 }]);
});
