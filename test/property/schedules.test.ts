/** The order in which waits end, permuted: in every interleaving of requests, the promises hold. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { audit } from '../../src/database/sqlite/file-rows.ts';
import { keyOf } from '../support/key-of.ts';
import { runs, searchDeadlineMs } from './runs.ts';
import { type Bought, price, ScheduledShop } from './scheduled-shop.ts';

const buyers = 4;
const stock = 3;

/** The steps of one buyer, in order; other buyers act at the same time. */
const plan = fc.record({
  buyer: fc.nat({ max: buyers - 1 }),
  quantity: fc.integer({ min: 1, max: 2 }),
  /** The number of concurrent copies of the purchase. */
  copies: fc.integer({ min: 1, max: 3 }),
  next: fc.subarray(['pay', 'pay again', 'cancel', 'operator refunds'] as const),
});
type Plan = typeof plan extends fc.Arbitrary<infer P> ? P : never;

async function deliverEvents(shop: ScheduledShop, { buyer, quantity, copies, next }: Plan, index: number) {
  const key = keyOf(index);
  const answers = await Promise.all(Array.from({ length: copies }, () => shop.buy(buyer, key, quantity)));
  const held = answers.filter(({ status }) => status === 201);
  const [first] = held;
  if (first?.orderId) {
    const { orderId, token } = first;
    const steps = {
      pay: () => shop.pay(orderId),
      'pay again': () => shop.pay(orderId),
      cancel: () => shop.cancel(orderId, token),
      'operator refunds': () => shop.refund(orderId),
    };
    await Promise.all(next.map((step) => steps[step]()));
  }
  return held;
}

const count = (shop: ScheduledShop, sql: string): number => shop.scratch.rows<{ n: number }>(sql)[0]?.n ?? 0;
const normal = 150;

test('invariants hold in every order of waits', { timeout: searchDeadlineMs(normal) }, async () => {
  const property = fc.asyncProperty(
    fc.scheduler(),
    fc.array(plan, { minLength: 2, maxLength: 6 }),
    fc.nat({ max: 2 }),
    async (scheduler, plans, expiries) => {
      const shop = new ScheduledShop(scheduler, stock);
      using _ = shop.scratch;
      const all = Promise.all<Bought[] | undefined>([
        ...plans.map((one, index) => deliverEvents(shop, one, index)),
        ...Array.from({ length: expiries }, () => shop.expire().then(() => undefined)),
        shop.sendRefunds().then(() => undefined),
      ]);
      await scheduler.waitFor(all);
      const received = (await all).filter((held) => held !== undefined);

      expect(audit(shop.scratch.reader)).toEqual([]);
      // A key has one order, whichever of its copies was answered first.
      for (const held of received)
        expect(new Set(held.map(({ orderId }) => orderId)).size).toBeLessThanOrEqual(1);
      const acknowledged = new Set(received.flatMap((held) => held.map(({ orderId }) => orderId)));
      expect(count(shop, 'select count(*) as n from orders')).toBe(acknowledged.size);
      expect(count(shop, 'select held + sold as n from items')).toBeLessThanOrEqual(stock);
      expect(
        count(
          shop,
          `select coalesce(max(units), 0) as n from (select sum(units) as units from orders
           where status in ('held', 'paid', 'fulfilled') group by customer)`,
        ),
      ).toBeLessThanOrEqual(2);

      // In the end every payment has bought a unit or was refunded, once.
      for (let round = 0; round < 20; round += 1) {
        await scheduler.waitFor(shop.sendRefunds());
        shop.clock.advance(3_600_000);
      }
      const paid = count(shop, "select coalesce(sum(amount), 0) as n from payments where status = 'paid'");
      const back = count(shop, "select coalesce(sum(amount), 0) as n from refunds where status = 'sent'");
      const sold = count(
        shop,
        "select coalesce(sum(units), 0) as n from orders where status in ('paid', 'fulfilled')",
      );
      expect(paid - back).toBe(sold * price);
      expect(shop.refunded.size).toBe(count(shop, 'select count(*) as n from refunds'));
      expect(audit(shop.scratch.reader)).toEqual([]);
    },
  );
  await fc.assert(property, runs(normal));
});
