/** Payments with lost answers, dashboard refunds and disputes, in any order and across restarts. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { audit } from '../../src/database/sqlite/file-rows.ts';
import { createDrop, minuteMs } from '../support/commands.ts';
import type { Fault } from '../support/loopback-provider.ts';
import { LoopbackStripe } from '../support/loopback-stripe.ts';
import { MoneyShop, price } from './money-shop.ts';
import { runs, searchDeadlineMs } from './runs.ts';

const buyers = 6;

const allActs = [
  ...(['hold', 'pay', 'payAgain', 'payWrong', 'payInSilence', 'failLater', 'failInSilence'] as const),
  ...(['cancel', 'expire', 'operatorRefund', 'withdraw'] as const),
  ...(['dispute', 'closeDispute', 'refundOutside', 'failRefund', 'retryRefunds'] as const),
  ...(['sendRefunds', 'land', 'reconcile', 'restart'] as const),
];
type Act = (typeof allActs)[number];
interface Step {
  act: Act;
  buyer: number;
  fault: Fault | null;
  /** The refund request that meets the fault. */
  faultRoute: string;
  /** How often Stripe reports a change in its dashboard: never, once or twice. */
  reports: number;
}

const acts: readonly Act[] = [...allActs, 'hold', 'hold', 'pay', 'pay', 'sendRefunds'];
const step: fc.Arbitrary<Step> = fc.record({
  act: fc.constantFrom(...acts),
  buyer: fc.nat({ max: buyers - 1 }),
  fault: fc.constantFrom(
    null,
    null,
    { kind: 'lost' },
    { kind: 'late' },
    { kind: 'closed' },
    { kind: 'unreadable' },
    { kind: 'status', status: 500 },
    { kind: 'status', status: 500, takesEffect: true },
    { kind: 'status', status: 429 },
  ),
  faultRoute: fc.constantFrom('POST /v1/refunds', 'POST /v1/refunds', 'GET /v1/refunds'),
  reports: fc.nat({ max: 2 }),
});

let stripe: LoopbackStripe;
beforeAll(async () => {
  stripe = await new LoopbackStripe().listen();
  // Stripe accepts a second partial refund of a payment, so that a double refund shows.
  stripe.takesEveryRefund = true;
});
afterAll(() => stripe.close());

async function take(shop: MoneyShop, { act, buyer, fault, faultRoute, reports }: Step): Promise<void> {
  const orderId = shop.orders.get(buyer) ?? 0;
  if (fault) stripe.fail(faultRoute, fault);
  switch (act) {
    case 'hold':
      return shop.hold(buyer);
    case 'pay':
    case 'payAgain':
      return shop.pay(buyer);
    case 'payWrong':
      return shop.pay(buyer, { amount: price - 1 });
    case 'payInSilence': {
      const session = shop.sessions.get(buyer);
      if (session === undefined || stripe.sessions.get(session)?.status !== 'open') return;
      await stripe.pay(session);
      shop.silent.add(session);
      return;
    }
    case 'failLater':
    case 'failInSilence':
      return shop.failLater(buyer, act === 'failInSilence');
    case 'land':
      return stripe.land();
    case 'cancel':
      shop.run({ kind: 'cancelOrder', orderId });
      return;
    case 'expire':
      shop.clock.advance(11 * minuteMs);
      shop.run({ kind: 'releaseDue', orders: 2 });
      return;
    case 'operatorRefund':
    case 'withdraw':
      shop.run({ kind: 'refundOrder', actor: 'operator', orderId, restock: act === 'operatorRefund' });
      return;
    case 'dispute':
    case 'closeDispute':
    case 'refundOutside':
    case 'failRefund':
      return shop[act](buyer, reports);
    case 'retryRefunds':
      return shop.retryRefunds();
    case 'sendRefunds':
      return shop.sendRefunds();
    case 'reconcile':
      return shop.reconcile();
    case 'restart':
      shop.scratch.reopen();
  }
}

const normal = 30;

test('kept money equals units sold, and every other payment is refunded exactly once', {
  timeout: searchDeadlineMs(normal),
}, async () => {
  const property = fc.asyncProperty(
    fc.array(step, { minLength: 5, maxLength: 60, size: 'max' }),
    async (steps) => {
      stripe.reset();
      const shop = new MoneyShop(stripe);
      using _ = shop.scratch;
      shop.run(createDrop({ items: [{ sku: 'one', name: 'One', price, stock: 3 }] }));
      for (const taken of steps) await take(shop, taken);
      await shop.settle();
      const sold = shop.scratch.rows<{ sold: number }>('select sold from items')[0]?.sold ?? 0;
      const paid = [...stripe.payments.values()];
      const lost = new Set(
        stripe.disputes.flatMap((one) => (one.status === 'lost' ? [one.payment_intent] : [])),
      );
      const kept = paid.filter(({ id, refunds }) => refunds === 0 && !lost.has(id));
      // A dispute took the money of some sold units; for all other payments it was the refund.
      expect(kept.reduce((sum, { amount }) => sum + amount, 0)).toBe((sold - shop.soldAndLost()) * price);
      expect(paid.filter(({ refunds }) => refunds > 1)).toEqual([]);
      expect(shop.owed()).toBe(0);
      const disputes = stripe.disputes.map(({ id, status }) => ({
        reference: id,
        status: status === 'needs_response' ? 'open' : status,
      }));
      expect(shop.disputes()).toEqual(
        disputes.sort((one, other) => (one.reference < other.reference ? -1 : 1)),
      );
      expect(shop.askedInVain()).toEqual([]);
      expect(audit(shop.scratch.reader)).toEqual([]);
    },
  );
  await fc.assert(property, runs(normal));
});
