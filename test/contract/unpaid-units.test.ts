/** Unpaid units per address: their bound, what frees them, and the refusal in API and page. */
import { readFileSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseAddress, rateLimitKeyOf } from '../../src/domain/ip-address.ts';
import { createIds } from '../../src/ids/ids.ts';
import { fromAddress } from '../support/client-address.ts';
import { machines, runtimes, useServer } from '../support/contract-server.ts';
import { startServer } from '../support/server-process.ts';
import type { Purchase } from '../support/shapes.ts';
import { customer, purchaseCall, Shop, until } from '../support/shop.ts';

const limited = { RATE_LIMIT: 'on', TRUSTED_PROXIES: '127.0.0.0/8' };
const items = (stock: number) => [{ sku: 'one', name: 'One', price: 1250, stock }];

let addresses = 0;
/** An address that no other test has used. */
const newAddress = (): string => {
  addresses += 1;
  return `198.51.100.${addresses}`;
};

const buyFrom = (shop: Shop, address: string, dropId: string, changes: Record<string, unknown> = {}) =>
  shop.send({ ...purchaseCall(dropId, changes), headers: fromAddress(address) });
const codeOf = ({ status, text }: { status: number; text: string }): string =>
  status === 201 ? 'held' : (JSON.parse(text) as { code: string }).code;

/** Reserves the maximum that an address may hold of a drop of 100 units. */
async function takeAll(shop: Shop, address: string, dropId: string): Promise<Purchase[]> {
  const answers = [];
  for (const quantity of [4, 4, 4, 4, 3, 1]) answers.push(await buyFrom(shop, address, dropId, { quantity }));
  expect(answers.map(codeOf)).toEqual(Array(6).fill('held'));
  return answers.map(({ text }) => JSON.parse(text) as Purchase);
}

describe.each(runtimes)('unpaid units of one address on %s', (runtime) => {
  const shop = useServer(runtime, limited);

  test('are a fifth of a small drop; the refusal says how many, until when, and holds nothing', async () => {
    const drop = await shop.createDrop({ items: items(100) });
    const address = newAddress();
    const [first] = await takeAll(shop, address, drop.id);
    const refused = await buyFrom(shop, address, drop.id);
    expect(refused.status).toBe(429);
    expect(JSON.parse(refused.text)).toMatchObject({
      code: 'too_many_unpaid',
      detail: `This network has 20 unpaid units of this drop on hold. Pay or cancel one, or wait until ${first?.order.holdExpiresAt}.`,
    });
    const seconds = Number(refused.headers['retry-after']);
    expect(seconds).toBeGreaterThan(500);
    expect(seconds).toBeLessThanOrEqual(600);
    expect((await shop.drop(drop.id)).items[0]?.held).toBe(20);
    expect(codeOf(await buyFrom(shop, newAddress(), drop.id))).toBe('held');
  });

  test('of one IPv6 network count together', async () => {
    const drop = await shop.createDrop({ items: items(50) });
    for (let host = 1; host <= 10; host += 1)
      expect(codeOf(await buyFrom(shop, `2001:db8:1:2::${host}`, drop.id))).toBe('held');
    expect(codeOf(await buyFrom(shop, '2001:db8:1:2::99', drop.id))).toBe('too_many_unpaid');
    expect(codeOf(await buyFrom(shop, '2001:db8:1:3::1', drop.id))).toBe('held');
  });

  test('are free again once they are paid, cancelled or expired', async () => {
    const drop = await shop.createDrop({ items: items(100) });
    const address = newAddress();
    const [paid, cancelled] = await takeAll(shop, address, drop.id);
    if (!paid || !cancelled) throw new Error('Nothing was bought.');
    const nextFour = async () => codeOf(await buyFrom(shop, address, drop.id, { quantity: 4 }));
    await shop.pay(paid);
    expect([await nextFour(), await nextFour()]).toEqual(['held', 'too_many_unpaid']);
    await shop.cancel(cancelled);
    expect([await nextFour(), await nextFour()]).toEqual(['held', 'too_many_unpaid']);

    const brief = await shop.createDrop({ items: items(100), holdSeconds: 2 });
    await takeAll(shop, address, brief.id);
    await until(
      async () => codeOf(await buyFrom(shop, address, brief.id, { quantity: 20 })),
      (code) => code === 'held',
    );
  });

  test('that expired make the customer’s next hold shorter, and the answer says so', async () => {
    const drop = await shop.createDrop({ items: items(100), holdSeconds: 1 });
    const body = { customer: customer() };
    const lapsed = JSON.parse((await buyFrom(shop, newAddress(), drop.id, body)).text) as Purchase;
    await shop.orderBecomes(lapsed, 'released');
    await shop.patchDrop(drop.id, { holdSeconds: 600 });
    const next = JSON.parse((await buyFrom(shop, newAddress(), drop.id, body)).text) as Purchase;
    const { createdAt, holdExpiresAt } = next.order;
    expect(Date.parse(holdExpiresAt) - Date.parse(createdAt)).toBe(300_000);
    expect(next.payment.expiresAt).toBe(holdExpiresAt);
  });

  test('stop no replay: a retry gets its order', async () => {
    const drop = await shop.createDrop({ items: items(100) });
    const address = newAddress();
    const call = purchaseCall(drop.id, { customer: customer() }, crypto.randomUUID());
    const from = { ...call, headers: { ...call.headers, ...fromAddress(address) } };
    const first = await shop.send(from);
    expect(codeOf(await buyFrom(shop, address, drop.id, { quantity: 19 }))).toBe('held');
    expect(codeOf(await buyFrom(shop, address, drop.id))).toBe('too_many_unpaid');
    expect((await shop.send(from)).text).toBe(first.text);
  });

  test.each([
    ['en', 'waiting for payment'],
    ['de', 'noch nicht bezahlt'],
  ])('are explained on the drop’s page in %s', async (language, words) => {
    const drop = await shop.createDrop({ items: items(100) });
    const address = newAddress();
    await takeAll(shop, address, drop.id);
    const answer = await fetch(`${shop.server.url}/d/${drop.slug}`, {
      method: 'POST',
      body: new URLSearchParams({ email: String(customer().email), quantity: '1' }),
      headers: { ...fromAddress(address), 'accept-language': language },
    });
    expect(answer.status).toBe(429);
    expect(await answer.text()).toMatch(new RegExp(`role="alert"[^<]*>[^<]*${words}`));
  });
});

describe.each(runtimes)('ADDRESS_UNITS_MAX on %s', (runtime) => {
  const shop = useServer(runtime, { ...limited, ADDRESS_UNITS_MAX: '2' });

  test('replaces the bound, and allows one order of any size', async () => {
    const drop = await shop.createDrop({ items: items(1_000) });
    const address = newAddress();
    const codes = [];
    for (let order = 0; order < 3; order += 1) codes.push(codeOf(await buyFrom(shop, address, drop.id)));
    expect(codes).toEqual(['held', 'held', 'too_many_unpaid']);
    expect(codeOf(await buyFrom(shop, newAddress(), drop.id, { quantity: 25 }))).toBe('held');
  });
});

test.each(machines)('three HTTP threads on %s count one address together', async (runtime) => {
  const server = await startServer({ runtime, env: { ...limited, HTTP_THREADS: '3' } });
  onTestFinished(() => server.kill());
  const shop = new Shop();
  shop.open(server);
  const drop = await shop.createDrop({ items: items(100) });
  // A connection of its own for each: the system distributes them among the threads.
  const answers = await Promise.all(
    Array.from({ length: 60 }, () => buyFrom(shop, '198.51.100.250', drop.id)),
  );
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(20);
  expect((await shop.drop(drop.id)).items[0]?.held).toBe(20);
});

test.each(machines)('%s writes neither an address nor its hash', async (runtime) => {
  const server = await startServer({ runtime, env: { ...limited, LOG_LEVEL: 'debug' } });
  onTestFinished(() => server.kill());
  const shop = new Shop();
  shop.open(server);
  const drop = await shop.createDrop({ items: items(50) });
  const [email, address] = ['ada@canary.example', '198.51.100.251'];
  await takeAll(shop, address, (await shop.createDrop({ items: items(100) })).id);
  expect((await buyFrom(shop, address, drop.id, { customer: { email } })).status).toBe(201);
  await shop.server.stop();
  const written = readFileSync(server.databaseFile, 'latin1') + server.output();
  // This search finds what is written.
  expect(written).toContain(email);
  const counted = rateLimitKeyOf(parseAddress(address) ?? []);
  for (const word of [address, counted, createIds(server.secretKey).address(counted)])
    expect(written).not.toContain(word);
});
