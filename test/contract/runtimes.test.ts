/** One sale on Bun and on workerd: a short check that Node's code runs there too. */
import { describe, expect, test } from 'vitest';
import { useServer } from '../support/contract-server.ts';

describe.each(['bun', 'workerd'] as const)('a sale on %s', (runtime) => {
  const shop = useServer(runtime);

  test('is placed, paid for and read, and another order is cancelled', async () => {
    const drop = await shop.createDrop();
    const [paid, cancelled] = [await shop.buy(drop.id), await shop.buy(drop.id)];
    await shop.pay(paid);
    expect((await shop.cancel(cancelled)).status).toBe(200);
    expect((await shop.order(paid)).order).toMatchObject({ status: 'paid', quantity: 1 });
    expect((await shop.orderBecomes(cancelled, 'released')).order.status).toBe('released');
    expect((await shop.drop(drop.id)).items).toMatchObject([{ held: 0, sold: 1, available: 4 }]);
  });
});
