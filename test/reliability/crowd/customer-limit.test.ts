/** Customers who buy repeatedly, at once and by two e-mails of one phone, stay within the limit. */
import { describe, expect, it } from 'vitest';
import { runtimes } from '../../support/contract-server.ts';
import { Crowd, crowdOn } from './crowd.ts';

/** Concurrent requests of one customer, before the next customer's. */
const atOnce = 20;

/** The customer of each request. */
const customerAt = (request: number, customers: number): number => Math.floor(request / atOnce) % customers;

describe.each(runtimes)('buyers under a limit on %s', (runtime) => {
  const { purchases, stock } = crowdOn(runtime);
  it('give every customer exactly the limit where there is enough stock', async () => {
    const customers = purchases / 100;
    // Of every ten customers, two share a phone number, and so a limit.
    const limits = (customers * 9) / 10;
    const perCustomer = 3;
    const crowd = await Crowd.gather(runtime, { perCustomer, stock: 1_000 });
    await Promise.all(
      Array.from({ length: purchases }, (_, request) =>
        crowd.buy(customerAt(request, customers), 1 + (request % 2)),
      ),
    );
    const { units, refused, orders } = await crowd.disperse();
    expect(units).toBe(limits * perCustomer);
    const { limit_reached: limitReached = 0, overloaded = 0, ...others } = refused;
    expect([limitReached + overloaded, others]).toEqual([purchases - orders.length, {}]);
  });

  it('buy exactly the stock when all want more than the limit', async () => {
    const crowd = await Crowd.gather(runtime, { perCustomer: 2 });
    await Promise.all(
      Array.from({ length: purchases }, (_, request) => crowd.buy(customerAt(request, stock * 0.8))),
    );
    const { units, refused, orders } = await crowd.disperse();
    expect([orders.length, units]).toEqual([stock, stock]);
    const { sold_out: soldOut = 0, limit_reached: limitReached = 0, overloaded = 0, ...others } = refused;
    expect([soldOut + limitReached + overloaded, others]).toEqual([purchases - stock, {}]);
    expect(limitReached).toBeGreaterThan(0);
  });
});
