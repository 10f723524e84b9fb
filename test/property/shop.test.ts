/** The real committer against the model: the same answers and the same rows after every step, whatever the steps. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { audit } from '../../src/database/sqlite/file-rows.ts';
import type { FinishRefund } from '../../src/domain/command.ts';
import { canBecome, type OrderStatus } from '../../src/domain/order.ts';
import { minuteMs, noon } from '../support/commands.ts';
import { ScratchStore } from '../support/scratch-store.ts';
import { runs, searchDeadlineMs } from './runs.ts';
import { ShopModel } from './shop-model.ts';
import { commandOf, opening, step } from './steps.ts';

interface OrderRow {
  id: number;
  status: OrderStatus;
}

/** What the model says of the rows that count: stock with its counters, orders, and where money ended. */
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

function rowsIn(store: ScratchStore) {
  return {
    items: store.rows('select id, stock, held, sold from items order by id'),
    orders: store.rows<OrderRow>('select id, status from orders order by id'),
    payments: store.rows(
      `select event_id as eventId, count(refunds.id) as refunds, sum(refunds.amount) as refunded
       from payments left join refunds on refunds.payment_id = payments.id group by payments.id order by payments.id`,
    ),
  };
}

function expectLegal(before: readonly OrderRow[], after: readonly OrderRow[]): void {
  for (const [index, { status: from }] of before.entries()) {
    const to = after[index]?.status;
    expect(to === from || (to !== undefined && canBecome(from, to)), `${from} -> ${to}`).toBe(true);
  }
}

const normal = 200;

test('answers and rows are those of the model, and every promise holds', {
  timeout: searchDeadlineMs(normal),
}, () => {
  const property = fc.property(opening, fc.array(step, { maxLength: 80, size: 'max' }), (first, others) => {
    using store = new ScratchStore();
    const model = new ShopModel();
    let now = noon;
    let orders: readonly OrderRow[] = [];
    for (const taken of [first, ...others]) {
      if (taken.do === 'wait') now += taken.minutes * minuteMs;
      if (taken.do === 'restart') store.reopen();
      const command = commandOf(taken, model);
      if (command) expect(store.run(command, now)).toMatchObject(model.apply(command, now));
      const rows = rowsIn(store);
      expect(rows).toEqual(rowsOf(model));
      expectLegal(orders, rows.orders);
      orders = rows.orders;
    }
    expect(audit(store.reader)).toEqual([]);
    // Once every refund has gone out: what the shop keeps is what it sold, and all else went back once.
    for (const refundId of model.refunds.keys()) {
      const sent: FinishRefund = { kind: 'finishRefund', refundId, result: 'sent', error: null };
      expect(store.run(sent, now)).toMatchObject(model.apply(sent, now));
    }
    expect(rowsIn(store)).toEqual(rowsOf(model));
    const [money] = store.rows<{ kept: number; owed: number; sold: number }>(`
      select
        (select coalesce(sum(payments.amount), 0) from payments left join refunds on payment_id = payments.id
          where payments.status = 'paid' and refunds.id is null) as kept,
        (select count(*) from refunds where status <> 'sent') as owed,
        (select coalesce(sum(quantity * unit_price), 0) from orders where status in ('paid', 'fulfilled')) as sold`);
    expect(money).toEqual({ kept: money?.sold, owed: 0, sold: money?.sold });
    expect(audit(store.reader)).toEqual([]);
  });
  fc.assert(property, runs(normal));
});
