/** The one table of an order's valid transitions, and that `apply` permits no other. */
import { describe, expect, test } from 'vitest';
import type { DomainCommand } from '../../../src/domain/command.ts';
import { canBecome, type OrderStatus, orderTransitions } from '../../../src/domain/order.ts';
import { createDrop, minuteMs, noon, placeHold, recordPayment } from '../../support/commands.ts';
import { ScratchStore } from '../../support/scratch-store.ts';

const statuses = Object.keys(orderTransitions) as OrderStatus[];
const legal = [
  'held -> paid',
  'held -> released',
  'released -> paid',
  'released -> refunding',
  'paid -> fulfilled',
  'paid -> refunding',
  'refunding -> refunded',
  'paid -> refunded',
  'refunded -> refunding',
];

const pairs = statuses.flatMap((from) => statuses.map((to) => [from, to] as const));

test.each(pairs)('the table on %s -> %s', (from, to) => {
  expect(canBecome(from, to)).toBe(legal.includes(`${from} -> ${to}`));
});

const whenOver = noon + 11 * minuteMs;

/** An order in this status with matching counters, and `free` further units. */
function storeWithOrder(status: OrderStatus, free: number): ScratchStore {
  const store = new ScratchStore();
  const has = (...those: OrderStatus[]): number => (those.includes(status) ? 1 : 0);
  const [held, sold] = [has('held'), has('paid', 'fulfilled')];
  const item = { sku: 'one', name: 'One', price: 1250, stock: 1 };
  store.run(createDrop({ items: [item] }), noon);
  store.run(placeHold('ann'), noon);
  store.writer.prepare('update orders set status = ?').run(status);
  store.writer.prepare('update items set stock = ?, held = ?, sold = ?').run(held + sold + free, held, sold);
  return store;
}

const actions = {
  'the right money': [recordPayment(1), 1],
  'the right money while nothing is free': [recordPayment(1), 0],
  'the wrong money': [recordPayment(1, { amount: 1 }), 1],
  'declined money': [recordPayment(1, { status: 'declined' }), 1],
  'a cancel': [{ kind: 'cancelOrder', orderId: 1 }, 1],
  'a sweep after the hold': [{ kind: 'releaseDue', orders: 10 }, 1],
} as const satisfies Record<string, readonly [DomainCommand, free: number]>;

/** Only transitions are listed: every other action leaves the order unchanged. */
const moves: Record<OrderStatus, Partial<Record<keyof typeof actions, OrderStatus>>> = {
  held: {
    'the right money': 'paid',
    'the right money while nothing is free': 'paid',
    'a cancel': 'released',
    'a sweep after the hold': 'released',
  },
  released: { 'the right money': 'paid', 'the right money while nothing is free': 'refunding' },
  paid: {},
  fulfilled: {},
  refunding: {},
  refunded: {},
};

const attempts = statuses.flatMap((status) =>
  (Object.keys(actions) as (keyof typeof actions)[]).map((action) => ({ status, action })),
);

describe('apply', () => {
  test.each(attempts)('an order that is $status meets $action', ({ status, action }) => {
    const [command, free] = actions[action];
    using store = storeWithOrder(status, free);
    store.run(command, whenOver);
    const [order] = store.rows<{ status: OrderStatus }>('select status from orders');
    expect(order?.status).toBe(moves[status][action] ?? status);
    // The counters follow the status, and a payment without units is refunded.
    const [row] = store.rows(
      `select held + sold as taken, (select count(*) from refunds) as refunds,
        (select count(*) from payments where status = 'paid') as paid from items`,
    );
    const isPaid = action.includes('money') && !action.startsWith('declined');
    const isSettled = moves[status][action] === 'paid';
    expect(row).toEqual({
      taken: ['held', 'paid', 'fulfilled'].includes(order?.status ?? '') ? 1 : 0,
      refunds: isPaid && !isSettled ? 1 : 0,
      paid: isPaid ? 1 : 0,
    });
  });
});
