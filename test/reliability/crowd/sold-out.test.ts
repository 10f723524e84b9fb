/** Far more buyers than units at once: every unit is sold once, and all others get `sold_out`. */
import { describe, expect, it } from 'vitest';
import { runtimes } from '../../support/contract-server.ts';
import { Crowd, crowdOn } from './crowd.ts';

describe.each(runtimes)('far more buyers than units on %s', (runtime) => {
  const { purchases, stock } = crowdOn(runtime);
  it(`receive exactly ${stock} orders for ${purchases} purchases`, async () => {
    const crowd = await Crowd.gather(runtime);
    await Promise.all(Array.from({ length: purchases }, (_, customer) => crowd.buy(customer)));
    const drop = await crowd.look();
    const { orders, units, refused } = await crowd.disperse();
    expect([orders.length, units]).toEqual([stock, stock]);
    const { sold_out: soldOut = 0, overloaded = 0, ...others } = refused;
    expect([soldOut + overloaded, others]).toEqual([purchases - stock, {}]);
    expect(drop).toMatchObject({
      phase: 'sold_out',
      items: [{ stock, available: 0, held: stock, sold: 0 }],
    });
  });
});
