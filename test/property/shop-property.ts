/** The shop against its model: the same answers and rows after every step, on every engine. */
import fc from 'fast-check';
import { expect } from 'vitest';
import type { DomainCommand, FinishRefund } from '../../src/domain/command.ts';
import { canBecome, type OrderStatus } from '../../src/domain/order.ts';
import { minuteMs } from '../support/commands.ts';
import { ShopModel } from './shop-model.ts';
import { commandOf, openedAt, opening, step } from './steps.ts';

/** A new and empty shop database; answers synchronously or later. */
export interface ShopStore {
  run(command: DomainCommand, now: number): unknown;
  /** All rows of each query, as a reader sees them. */
  rows(queries: readonly string[]): unknown[][] | Promise<unknown[][]>;
  /** Reopens the database, as after the end of the process: only the file remains. */
  reopen(): void | Promise<void>;
  violations(): string[] | Promise<string[]>;
  close(): void | Promise<void>;
}

interface OrderRow {
  id: number;
  status: OrderStatus;
}

/** The model's rows: stock with its counters, orders, payments and refunds. */
function rowsOf(model: ShopModel) {
  return {
    items: [...model.items].map(([id, { stock }]) => ({
      id,
      stock,
      held: model.units(id, (status) => status === 'held'),
      sold: model.units(id, (status) => status === 'paid' || status === 'fulfilled'),
    })),
    orders: [...model.orders].map(([id, { status }]) => ({ id, status })),
    payments: [...model.payments].map(([eventId, { end, command }]) => ({
      eventId,
      refunds: end === 'refund_due' ? 1 : 0,
      refunded: end === 'refund_due' ? command.amount : null,
    })),
  };
}

async function rowsIn(store: ShopStore) {
  const [items, orders, payments] = await store.rows([
    'select id, stock, held, sold from items order by id',
    'select id, status from orders order by id',
    `select event_id as eventId, count(refunds.id) as refunds, sum(refunds.amount) as refunded
     from payments left join refunds on refunds.payment_id = payments.id group by payments.id order by payments.id`,
  ]);
  return { items, orders: orders as OrderRow[], payments };
}

function expectLegal(before: readonly OrderRow[], after: readonly OrderRow[]): void {
  for (const [index, { status: from }] of before.entries()) {
    const to = after[index]?.status;
    expect(to === from || (to !== undefined && canBecome(from, to)), `${from} -> ${to}`).toBe(true);
  }
}

export const shopProperty = (open: () => ShopStore | Promise<ShopStore>) =>
  fc.asyncProperty(opening, fc.array(step, { maxLength: 80, size: 'max' }), async (first, others) => {
    const store = await open();
    try {
      const model = new ShopModel();
      let now = openedAt;
      let orders: readonly OrderRow[] = [];
      for (const taken of [first, ...others]) {
        if (taken.do === 'wait') now += taken.minutes * minuteMs;
        if (taken.do === 'restart') {
          await store.reopen();
          // No process restarts within a millisecond: its keys follow the time.
          now += 1;
        }
        const command = commandOf(taken, model);
        if (command) expect(await store.run(command, now)).toMatchObject(model.apply(command, now));
        const rows = await rowsIn(store);
        expect(rows).toEqual(rowsOf(model));
        expectLegal(orders, rows.orders);
        orders = rows.orders;
      }
      expect(await store.violations()).toEqual([]);
      // Once every refund was sent, the shop keeps the price of the sold units; all else was
      // refunded once.
      for (const refundId of model.refunds.keys()) {
        const sent: FinishRefund = { kind: 'finishRefund', refundId, result: 'sent', error: null };
        expect(await store.run(sent, now)).toMatchObject(model.apply(sent, now));
      }
      expect(await rowsIn(store)).toEqual(rowsOf(model));
      const [[money] = []] = (await store.rows([
        `select
          (select coalesce(sum(payments.amount), 0) from payments left join refunds on payment_id = payments.id
            where payments.status = 'paid' and refunds.id is null) as kept,
          (select count(*) from refunds where status <> 'sent') as owed,
          (select coalesce(sum(total), 0) from orders where status in ('paid', 'fulfilled')) as sold`,
      ])) as { kept: number; owed: number; sold: number }[][];
      expect(money).toEqual({ kept: money?.sold, owed: 0, sold: money?.sold });
      expect(await store.violations()).toEqual([]);
    } finally {
      await store.close();
    }
  });
