/** Steps of a shop: generated as plain data, and turned into Commands with the model's state. */
import fc from 'fast-check';
import type { DomainCommand, FinishRefund, PlaceHold, RecordPayment } from '../../src/domain/command.ts';
import { storedKeyPrefix } from '../../src/domain/stored-key.ts';
import { createDrop, minuteMs, placeHold, recordPayment } from '../support/commands.ts';
import { type NamedOrders, namedOrders } from './erase-model.ts';
import type { ShopModel } from './shop-model.ts';

/** The time of the first step: from then on keys follow the time. */
export const openedAt = Date.UTC(2027, 0, 31, 12);

/** `drop`, `item`, `order` and `payment` select an existing row, so a step is valid anywhere. */
export type Step =
  | { do: 'createDrop'; slug: string; stocks: readonly number[]; perCustomer: number | null }
  | {
      do: 'hold';
      item: number;
      quantity: number;
      also: number | null;
      customer: string;
      phone: string | null;
      key: string | null;
    }
  | { do: 'retry'; order: number; isSameBody: boolean }
  | { do: 'cancel'; order: number }
  | { do: 'pay'; order: number; status: RecordPayment['status']; extra: number; currency: string }
  | { do: 'repeatPayment'; payment: number; isSameEvent: boolean }
  | { do: 'refundOrder'; order: number; restock: boolean }
  | { do: 'finishRefund'; refund: number; result: FinishRefund['result'] }
  | { do: 'fulfil'; order: number }
  | { do: 'erase'; customer: string; named: NamedOrders; isDryRun: boolean }
  | { do: 'pause'; drop: number; paused: boolean }
  | { do: 'end'; drop: number; afterMinutes: number | null }
  | { do: 'restock'; item: number; quantity: number }
  | { do: 'releaseDue'; orders: number }
  | { do: 'wait'; minutes: number }
  | { do: 'restart' };

/** The Commands of these steps. */
export type ShopCommand = Extract<
  DomainCommand,
  {
    kind:
      | 'createDrop'
      | 'editDrop'
      | 'restock'
      | 'placeHold'
      | 'cancelOrder'
      | 'releaseDue'
      | 'recordPayment'
      | 'refundOrder'
      | 'finishRefund'
      | 'fulfilOrder'
      | 'eraseCustomer';
  }
>;

type Fields<Kind extends Step['do']> = Omit<Extract<Step, { do: Kind }>, 'do'>;
type Arbitraries<T> = { [Key in keyof T]: fc.Arbitrary<T[Key]> };

/** Steps of one kind; `weight` is their frequency relative to the others. */
const stepsOf = <Kind extends Step['do']>(kind: Kind, weight: number, fields: Arbitraries<Fields<Kind>>) => ({
  weight,
  arbitrary: fc
    .record(fields, { noNullPrototype: true })
    // Fields without their kind, and the kind: together they are the step.
    .map((made) => ({ do: kind, ...made }) as unknown as Step),
});

const holdMinutes = 10;
const nth = fc.nat({ max: 30 });
const upTo = (max: number) => fc.integer({ min: 1, max });
const stocks = (units: fc.Arbitrary<number>) => fc.array(units, { minLength: 1, maxLength: 2 });
const perCustomer = fc.option(fc.integer({ min: 2, max: 6 }));

/** The first drop of every run, so that the first hold has an item. */
export const opening = stepsOf('createDrop', 1, {
  slug: fc.constant('first'),
  stocks: stocks(upTo(8)),
  perCustomer,
}).arbitrary;

export const step: fc.Arbitrary<Step> = fc.oneof(
  stepsOf('hold', 10, {
    item: nth,
    quantity: upTo(3),
    /** A second item, of which one unit is bought too. */
    also: fc.option(nth, { freq: 2 }),
    customer: fc.constantFrom('ann', 'bob', 'eve'),
    phone: fc.constantFrom(null, '+1', '+2'),
    key: fc.constantFrom(null, null, null, 'k1', 'k2', 'k3', 'k4'),
  }),
  stepsOf('retry', 3, { order: nth, isSameBody: fc.boolean() }),
  stepsOf('cancel', 2, { order: nth }),
  stepsOf('pay', 6, {
    order: nth,
    status: fc.constantFrom('paid', 'paid', 'paid', 'declined'),
    extra: fc.constantFrom(0, 0, 0, 0, -1, 1),
    currency: fc.constantFrom('EUR', 'EUR', 'EUR', 'EUR', 'USD'),
  }),
  stepsOf('repeatPayment', 2, { payment: nth, isSameEvent: fc.boolean() }),
  stepsOf('refundOrder', 2, { order: nth, restock: fc.boolean() }),
  stepsOf('finishRefund', 3, {
    refund: nth,
    result: fc.constantFrom('sent', 'sent', 'retry', 'failed'),
  }),
  stepsOf('fulfil', 1, { order: nth }),
  stepsOf('erase', 1, {
    customer: fc.constantFrom('ann', 'bob', 'eve'),
    named: fc.constantFrom<NamedOrders[]>('none', 'some', 'all', 'all', 'foreign'),
    isDryRun: fc.constantFrom(true, false, false),
  }),
  stepsOf('pause', 1, { drop: nth, paused: fc.constantFrom(true, false, false) }),
  stepsOf('end', 1, { drop: nth, afterMinutes: fc.option(upTo(240), { freq: 1 }) }),
  stepsOf('createDrop', 1, {
    slug: fc.constantFrom('first', 'second', 'third'),
    stocks: stocks(fc.nat({ max: 6 })),
    perCustomer,
  }),
  stepsOf('restock', 2, { item: nth, quantity: fc.constantFrom(-3, -1, 1, 2) }),
  stepsOf('releaseDue', 2, { orders: fc.constantFrom(1, 2, 500) }),
  stepsOf('wait', 4, { minutes: upTo(holdMinutes + 2) }),
  stepsOf('restart', 1, {}),
);

/** The nth key, counted cyclically; key 1 where there are none. */
const pick = (keys: Iterable<number>, n: number): number => {
  const all = [...keys];
  return all[n % all.length] ?? 1;
};

function retryOf(hold: PlaceHold | undefined, isSameBody: boolean): PlaceHold {
  if (!hold) return placeHold('nobody', { itemId: 0 });
  return isSameBody ? hold : { ...hold, fingerprint: 'of another body' };
}

/** The Command of a step; null for a step without one, such as a wait. */
export function commandOf(taken: Step, model: ShopModel): ShopCommand | null {
  const order = 'order' in taken ? pick(model.orders.keys(), taken.order) : 0;
  const dropId = 'drop' in taken ? pick(model.drops.keys(), taken.drop) : 0;
  const itemId = 'item' in taken ? pick(model.items.keys(), taken.item) : 0;
  switch (taken.do) {
    case 'createDrop':
      return createDrop({
        slug: taken.slug,
        perCustomer: taken.perCustomer,
        holdSeconds: holdMinutes * 60,
        items: taken.stocks.map((stock, index) => ({
          sku: `${index}`,
          name: 'Item',
          price: 100 + index,
          stock,
        })),
      });
    case 'hold': {
      const { quantity, customer: name, phone: customerPhone, key: plainKey } = taken;
      const idempotencyKey = plainKey && storedKeyPrefix + plainKey;
      const also = taken.also === null ? itemId : pick(model.items.keys(), taken.also);
      const items = [{ itemId, quantity }, ...(also === itemId ? [] : [{ itemId: also, quantity: 1 }])];
      const fingerprint = JSON.stringify([items, customerPhone]);
      return placeHold(name, { items, customerPhone, idempotencyKey, plainKey, fingerprint });
    }
    case 'retry':
      return retryOf(model.orders.get(order)?.command, taken.isSameBody);
    case 'cancel':
      return { kind: 'cancelOrder', orderId: order };
    case 'pay': {
      const { total = 1 } = model.orders.get(order)?.placed ?? {};
      return recordPayment(order, {
        eventId: `event ${model.payments.size}`,
        status: taken.status,
        amount: total + taken.extra,
        currency: taken.currency,
      });
    }
    case 'repeatPayment': {
      const known = [...model.payments.values()].map(({ command }) => command);
      const repeated = known[taken.payment % known.length] ?? recordPayment(null);
      return taken.isSameEvent ? repeated : { ...repeated, eventId: `event ${model.payments.size}` };
    }
    case 'refundOrder':
      return { kind: 'refundOrder', actor: 'operator', orderId: order, restock: taken.restock };
    case 'finishRefund': {
      const refundId = pick(model.refunds.keys(), taken.refund);
      const error = taken.result === 'sent' ? null : 'no_answer';
      return { kind: 'finishRefund', refundId, result: taken.result, error };
    }
    case 'fulfil':
      return { kind: 'fulfilOrder', actor: 'operator', orderId: order, trackingCode: 'JD01' };
    case 'erase': {
      const { customer: name, named, isDryRun } = taken;
      const openOrders = namedOrders(model, name, named);
      return {
        kind: 'eraseCustomer',
        actor: 'operator',
        customer: name,
        openOrders,
        isDryRun,
      };
    }
    case 'pause':
      return { kind: 'editDrop', actor: 'operator', dropId, edit: { paused: taken.paused } };
    case 'end': {
      const endsAt = taken.afterMinutes === null ? null : openedAt + taken.afterMinutes * minuteMs;
      return { kind: 'editDrop', actor: 'operator', dropId, edit: { endsAt } };
    }
    case 'restock': {
      const { dropId: itsDrop = 0, sku = '' } = model.items.get(itemId) ?? {};
      return { kind: 'restock', actor: 'operator', dropId: itsDrop, sku, quantity: taken.quantity };
    }
    case 'releaseDue':
      return { kind: 'releaseDue', orders: taken.orders };
    case 'wait':
    case 'restart':
      return null;
  }
}
