/** The shop inside another Hono application, in this process. */
import { Hono } from 'hono';
import { expect, onTestFinished, test } from 'vitest';
import { createStampede } from '../../src/runtime/create-stampede.ts';
import { sampleRequest } from '../../src/runtime/sample.ts';
import { scratchDatabase, testEnvironment } from '../support/server-process.ts';

const silence = () => undefined;
const log = { debug: silence, info: silence, warn: silence, error: silence };
const config = () => ({ ...testEnvironment, DATABASE_FILE: scratchDatabase(), PORT: '0', WARM_UP: 'off' });

const post = (path: string, body: object, headers: Record<string, string>) =>
  new Request(`http://shop.example${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

test('an application’s middleware may read the body of a request that the shop answers', async () => {
  const read: unknown[] = [];
  const routes = new Hono().use(async (c, next) => {
    if (c.req.method === 'POST') read.push(await c.req.json());
    await next();
  });
  const shop = await createStampede({ config: config(), routes, log });
  onTestFinished(() => shop.close());
  const authorization = `Bearer ${testEnvironment.ADMIN_TOKEN}`;
  const made = await shop.fetch(post('/admin/drops', sampleRequest(Date.now()), { authorization }));
  expect(made.status).toBe(201);
  const purchase = { dropId: 'sample-sneaker', sku: '42', quantity: 1, customer: { email: 'a@example.com' } };
  const bought = await shop.fetch(post('/purchase', purchase, { 'idempotency-key': crypto.randomUUID() }));
  expect(bought.status).toBe(201);
  expect(read.at(-1)).toEqual(purchase);
});

test('an embedded server listens once, and closes once however often close is called', async () => {
  const shop = await createStampede({ config: config(), log });
  const url = await shop.listen();
  await expect(shop.listen()).rejects.toThrow('already listening');
  expect((await fetch(`${url}/livez`)).status).toBe(200);
  await Promise.all([shop.close(), shop.close()]);
  await expect(fetch(`${url}/livez`)).rejects.toThrow();
  await expect(shop.listen()).rejects.toThrow('closed');
});

test.each([undefined, {}])('missing settings are named: %j', async (options) => {
  await expect(createStampede(options as never)).rejects.toThrow(/settings in `config`/);
});
