/** Quotas of units: a purchase counts its units, a refusal counts none, and retries always pass. */
import { describe, expect, test } from 'vitest';
import { ADDRESS_REQUESTS_MAX, CUSTOMER_PURCHASES_MAX } from '../../src/domain/client-limits.ts';
import { QUANTITY_PER_ORDER_MAX } from '../../src/limits.ts';
import { fromAddress } from '../support/client-address.ts';
import { runtimes, useServer } from '../support/contract-server.ts';
import { customer, purchaseCall } from '../support/shop.ts';

describe.each(runtimes)('quotas of units on %s', (runtime) => {
  const shop = useServer(runtime, {
    RATE_LIMIT: 'on',
    ADDRESS_UNITS_MAX: '100000',
    TRUSTED_PROXIES: '127.0.0.0/8',
  });
  const newDrop = (stock: number) =>
    shop.createDrop({ items: [{ sku: 'one', name: 'One', price: 1, stock }] });
  const buy = (address: string, dropId: string, changes: Record<string, unknown>, key?: string) => {
    const call = purchaseCall(dropId, changes, key);
    return shop.send({ ...call, headers: { ...call.headers, ...fromAddress(address) } });
  };
  const most = QUANTITY_PER_ORDER_MAX;

  test('an address gets as many units a minute as requests, and its retries are answered', async () => {
    const drop = await newDrop(10_000);
    const address = '192.0.2.10';
    const body = { quantity: most, customer: customer() };
    const key = 'a-key-of-the-largest-order';
    const first = await buy(address, drop.id, body, key);
    expect(first.status, first.text).toBe(201);
    expect((await buy(address, drop.id, { quantity: most })).status).toBe(201);
    const refused = await buy(address, drop.id, { quantity: most });
    expect([refused.status, refused.headers.ratelimit]).toEqual([
      429,
      expect.stringMatching(/^"address-units";r=\d+;t=\d+$/),
    ]);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(JSON.parse(refused.text)).toMatchObject({
      code: 'rate_limited',
      detail: expect.stringMatching(/^Too many units from one address/),
    });
    for (let retry = 0; retry < 5; retry += 1) {
      const again = await buy(address, drop.id, body, key);
      expect([again.status, again.text]).toEqual([201, first.text]);
    }
    expect((await buy(address, drop.id, {})).status).toBe(201);
    expect((await buy('192.0.2.11', drop.id, { quantity: most })).status).toBe(201);
  });

  test('a customer who used a whole quota of units waits, at every address', async () => {
    const drop = await newDrop(1_000);
    const body = { quantity: CUSTOMER_PURCHASES_MAX + 1, customer: customer() };
    expect((await buy('192.0.2.20', drop.id, body)).status).toBe(201);
    const refused = await buy('192.0.2.21', drop.id, body);
    expect([refused.status, refused.headers.ratelimit]).toEqual([
      429,
      expect.stringMatching(/^"customer-units";r=\d+;t=\d+$/),
    ]);
  });

  test('a refused purchase and a retry use no units of the quota', async () => {
    const address = '192.0.2.30';
    const drop = await newDrop(10_000);
    const few = await shop.createDrop({
      perCustomer: 1,
      items: [{ sku: 'one', name: 'One', price: 1, stock: 10_000 }],
    });
    const body = { quantity: most, customer: customer() };
    const key = 'a-key-that-is-sent-again';
    expect((await buy(address, drop.id, body, key)).status).toBe(201);
    for (let count = 0; count * most < 2 * ADDRESS_REQUESTS_MAX; count += 1) {
      expect((await buy(address, few.id, { quantity: most })).status).toBe(409);
      expect((await buy(address, drop.id, body, key)).status).toBe(201);
    }
    expect((await buy(address, drop.id, { quantity: most })).status).toBe(201);
  });

  test('retries sent during the first request get its answer', async () => {
    const drop = await newDrop(1_000);
    const body = { quantity: CUSTOMER_PURCHASES_MAX + 10, customer: customer() };
    const all = await Promise.all(
      Array.from({ length: 4 }, (_, index) =>
        buy(`192.0.2.4${index}`, drop.id, body, 'a-key-sent-four-times'),
      ),
    );
    expect(all.map(({ status, text }) => [status, text])).toEqual(all.map(() => [201, all[0]?.text]));
    expect(all.filter(({ headers }) => headers['idempotency-replayed'] === 'true')).toHaveLength(3);
    expect((await buy('192.0.2.45', drop.id, body)).status).toBe(429);
  });

  test('a retry is answered although a stranger has used up the quota of its customer', async () => {
    const drop = await newDrop(1_000);
    const body = { customer: customer() };
    const first = await buy('192.0.2.50', drop.id, body, 'a-key-of-the-customer');
    expect(first.status, first.text).toBe(201);
    const ofStranger = () => buy('192.0.2.51', drop.id, body);
    let refused = await ofStranger();
    for (let count = 1; count < 4 * CUSTOMER_PURCHASES_MAX && refused.status !== 429; count += 1)
      refused = await ofStranger();
    expect(refused.headers.ratelimit).toMatch(/^"customer";/);
    const again = await buy('192.0.2.50', drop.id, body, 'a-key-of-the-customer');
    expect([again.status, again.text]).toEqual([201, first.text]);
  });
});
