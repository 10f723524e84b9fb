/** What happens to a shop, one step at a time: generated as plain data, and turned into Commands by what the model knows. */
import fc from 'fast-check';
import type { DomainCommand, PlaceHold, RecordPayment } from '../../src/domain/command.ts';
import { createDrop, minuteMs, noon, placeHold, recordPayment } from '../support/commands.ts';
import type { ShopModel } from './shop-model.ts';

// `drop`, `item`, `order` and `payment` choose among those there are, so that a step means something wherever it stands.
export type Step =
  | { do: 'createDrop'; slug: string; stocks: readonly number[]; perCustomer: number | null }
  | { do: 'hold'; item: number; quantity: number; customer: string; phone: string | null; key: string | null }
  | { do: 'retry'; order: number; isSameBody: boolean }
  | { do: 'cancel'; order: number }
  | { do: 'pay'; order: number; status: RecordPayment['status']; extra: number; currency: string }
  | { do: 'repeatPayment'; payment: number; isSameEvent: boolean }
  | { do: 'pause'; drop: number; paused: boolean }
  | { do: 'end'; drop: number; afterMinutes: number | null }
  | { do: 'restock'; item: number; quantity: number }
  | { do: 'releaseDue'; orders: number }
  | { do: 'wait'; minutes: number }
  | { do: 'restart' };

const holdMinutes = 10;
const nth = fc.nat({ max: 30 });
const customer = fc.constantFrom('ann', 'bob', 'eve');
const phone = fc.constantFrom(null, null, '+1', '+2');
const stocks = fc.array(fc.nat({ max: 6 }), { minLength: 1, maxLength: 2 });
const perCustomer = fc.option(fc.integer({ min: 2, max: 6 }));

/** The drop that every run begins with, so that the first hold has something to hold. */
export const opening: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('createDrop'),
  slug: fc.constant('first'),
  stocks: fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 2, maxLength: 2 }),
  perCustomer,
});

export const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('hold'),
      item: nth,
      quantity: fc.integer({ min: 1, max: 3 }),
      customer,
      phone,
      key: fc.constantFrom(null, null, null, 'k1', 'k2', 'k3', 'k4'),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('retry'), order: nth, isSameBody: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cancel'), order: nth }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('pay'),
      order: nth,
      status: fc.constantFrom('paid', 'paid', 'paid', 'declined'),
      extra: fc.constantFrom(0, 0, 0, 0, -1, 1),
      currency: fc.constantFrom('EUR', 'EUR', 'EUR', 'EUR', 'USD'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('repeatPayment'), payment: nth, isSameEvent: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('pause'),
      drop: nth,
      paused: fc.constantFrom(true, false, false),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('end'),
      drop: nth,
      afterMinutes: fc.option(fc.integer({ min: 1, max: 240 }), { freq: 1 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('createDrop'),
      slug: fc.constantFrom('first', 'second', 'third'),
      stocks,
      perCustomer,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('restock'), item: nth, quantity: fc.constantFrom(-3, -1, 1, 2) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('releaseDue'), orders: fc.constantFrom(1, 2, 500) }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('wait'), minutes: fc.integer({ min: 1, max: holdMinutes + 2 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart') }) },
);

/** The nth of the keys there are, counted round; key 1 where there are none. */
const pick = (keys: Iterable<number>, n: number): number => {
  const all = [...keys];
  return all[n % all.length] ?? 1;
};

function retryOf(hold: PlaceHold | undefined, isSameBody: boolean): PlaceHold {
  if (!hold) return placeHold('nobody', { itemId: 0 });
  return isSameBody ? hold : { ...hold, fingerprint: 'of another body' };
}

/** The Command of a step, or null for a step that only the world takes. */
export function commandOf(taken: Step, model: ShopModel): DomainCommand | null {
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
      const { quantity, customer: name, phone: customerPhone, key: idempotencyKey } = taken;
      const fingerprint = `${itemId} ${quantity} ${customerPhone}`;
      return placeHold(name, { itemId, quantity, customerPhone, idempotencyKey, fingerprint });
    }
    case 'retry':
      return retryOf(model.orders.get(order)?.command, taken.isSameBody);
    case 'cancel':
      return { kind: 'cancelOrder', orderId: order };
    case 'pay': {
      const { unitPrice = 1, quantity = 1 } = model.orders.get(order)?.placed ?? {};
      return recordPayment(order, {
        eventId: `event ${model.payments.size}`,
        status: taken.status,
        amount: unitPrice * quantity + taken.extra,
        currency: taken.currency,
      });
    }
    case 'repeatPayment': {
      const known = [...model.payments.values()].map(({ command }) => command);
      const repeated = known[taken.payment % known.length] ?? recordPayment(null);
      return taken.isSameEvent ? repeated : { ...repeated, eventId: `event ${model.payments.size}` };
    }
    case 'pause':
      return { kind: 'editDrop', actor: 'operator', dropId, edit: { paused: taken.paused } };
    case 'end': {
      const endsAt = taken.afterMinutes === null ? null : noon + taken.afterMinutes * minuteMs;
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
