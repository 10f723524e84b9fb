/** The object for payments without an order: once they are refunded, no alarm wakes the object. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CATALOGUE_DELAY_MS } from '../../src/limits.ts';
import { payForLostOrder } from '../support/lost-order.ts';
import { stripeSettings } from '../support/provider-settings.ts';
import { sleep, until } from '../support/shop.ts';
import { StripeShop } from '../support/stripe-shop.ts';
import { useEdgeShop } from './worker-under-test.ts';

const shop = new StripeShop();
const { stripe } = shop;
const vars: Record<string, string> = {};
beforeAll(async () => {
  await stripe.listen();
  Object.assign(vars, { PAYMENT_PROVIDERS: 'stripe', ...stripeSettings(stripe) });
});
const edge = useEdgeShop(vars);
afterAll(() => stripe.close());

test('an object sleeps once unclaimed money is refunded', async () => {
  shop.open(edge.server);
  await payForLostOrder(shop);
  await until(
    async () => stripe.refunds.length,
    (refunds) => refunds === 1,
  );
  await shop.settled();
  const alarms = async () => (await edge.fault()).alarms;
  expect(await alarms()).toBeGreaterThan(0);
  // Three times as long as an object waits before it reports to the catalogue.
  const quietMs = 3 * CATALOGUE_DELAY_MS;
  await until(
    async () => {
      const before = await alarms();
      await sleep(quietMs);
      return (await alarms()) - before;
    },
    (more) => more === 0,
  );
});
