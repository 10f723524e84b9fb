/** A command with values that an object's storage rejects fails alone; the object goes on. */
import { describe, expect, test } from 'vitest';
import { createDrop, noon, placeHold } from '../support/commands.ts';
import { sleep } from '../support/shop.ts';
import { useEdgeShop } from './worker-under-test.ts';

describe('an object', () => {
  const shop = useEdgeShop();
  const checkout = {
    kind: 'recordCheckout',
    orderId: 1,
    provider: 'stripe',
    reference: 'cs_1',
    url: 'u',
    expiresAt: 1,
  };

  test.each([
    ['a field that is null', { ...checkout, url: null }, 'NOT NULL constraint failed: checkouts.url'],
    ['a fraction for an integer', { ...checkout, expiresAt: 0.5 }, 'column checkouts.expires_at'],
    ['a missing order', { ...checkout, orderId: 99 }, 'FOREIGN KEY constraint failed'],
    ['a quantity below 0', placeHold('eve', { quantity: -1 }), 'CHECK constraint failed: orders_units'],
  ])('refuses a command with %s, and commits the others', async (name, poison, reason) => {
    const call = async (what: object): Promise<unknown> => {
      const url = `${shop.server.url}/scratch/${encodeURIComponent(name)}`;
      return (await fetch(url, { method: 'POST', body: JSON.stringify(what) })).json();
    };
    const run = (command: object) => call({ do: 'run', command, now: noon });
    await run(createDrop());
    expect(await run(placeHold('ann'))).toMatchObject({ kind: 'held' });
    expect(await run(poison)).toEqual({ kind: 'command_failed', reason });
    expect(await run(placeHold('zoe'))).toMatchObject({ kind: 'held' });
    await call({ do: 'reopen' });
    expect(await run(placeHold('bob'))).toMatchObject({ kind: 'held' });
    const queries = [
      'select customer from orders order by id',
      'select seq from events',
      'select * from checkouts',
    ];
    expect(await call({ do: 'rows', queries })).toEqual([
      [{ customer: 'ann' }, { customer: 'zoe' }, { customer: 'bob' }],
      [1, 2, 3, 4].map((seq) => ({ seq })),
      [],
    ]);
    expect(await call({ do: 'violations' })).toEqual([]);
  });

  test('whose release is refused continues to sell, waits, and releases once the rows are correct', async () => {
    const drop = await shop.createDrop({ holdSeconds: 1 });
    const held = await shop.buy(drop.id);
    const tamper = async (sql: string): Promise<void> => {
      await shop.fault({ sql });
      await shop.order(held);
    };
    // The release would then make it -1.
    await tamper('update items set held = 0');
    await sleep(2_000);
    const { alarms } = await shop.fault();
    await sleep(2_000);
    expect((await shop.fault()).alarms - alarms).toBeLessThan(4);
    expect((await shop.order(held)).order.status).toBe('held');
    expect((await shop.send({ path: '/drops' })).status).toBe(200);
    await tamper('update items set held = 1');
    await shop.orderBecomes(held, 'released');
  });
});
