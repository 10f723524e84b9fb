/** Personal data with canaries through every route that accepts any: it appears nowhere else. */
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allOperations } from '../../src/api/document.ts';
import { readFile } from '../../src/database/sqlite/file-rows.ts';
import { canary, expectNothingPersonal, phoneCanary } from '../support/client.ts';
import { onlyOnMachines, restart, runtimes, useServer } from '../support/contract-server.ts';
import { EventStream } from '../support/event-stream.ts';
import { keyOf } from '../support/key-of.ts';
import { WebhookReceiver } from '../support/receivers.ts';
import type { AdminDrop, Purchase } from '../support/shapes.ts';
import { payPath, purchaseCall, until } from '../support/shop.ts';
import { webhookPath } from '../support/signed-webhook.ts';

const person = {
  email: `${canary}-mail@${canary}.example`,
  name: `${canary} name`,
  phone: `${phoneCanary}123`,
  address: `${canary} street 1\n${canary} town`,
};
const parcel = `${canary}-parcel`;
const stranger = { email: 'stranger@example.com' };

const receiver = await new WebhookReceiver().listen();
afterAll(() => receiver.close());

describe.each(runtimes)('personal data on %s', (runtime) => {
  const testOnMachine = onlyOnMachines(runtime);
  // Its whole output is checked at the end, as for every server under test.
  const shop = useServer(runtime, { LOG_LEVEL: 'debug' });
  let drop: AdminDrop;
  let theirs: Purchase;
  let others: Purchase;
  let fromForm: string;

  /**
   * Requests as a browser: redirects and pages are checked here; rejected forms show their input.
   */
  const browse = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${shop.server.url}${path}`, { redirect: 'manual', ...init });
  const formOf = (fields: Record<string, string>): RequestInit => ({
    method: 'POST',
    body: new URLSearchParams(fields),
  });

  beforeAll(async () => {
    drop = await shop.createDrop();
    theirs = await shop.buy(drop.id, { customer: person }, keyOf(1));
    others = await shop.buy(drop.id, { customer: stranger });
    const bought = await browse(`/d/${drop.slug}`, {
      ...formOf({ email: person.email, name: person.name, quantity: '1' }),
      // A browser with cookies is redirected to the order.
      headers: { cookie: `buy=${crypto.randomUUID()}` },
    });
    expect(bought.status).toBe(303);
    fromForm = bought.headers.get('location')?.split('#')[0] ?? '';
    expect((await browse('/orders/find', formOf({ email: person.email }))).status).toBe(303);
    await shop.pay(theirs);
    const order = `/admin/orders/${theirs.order.id}`;
    const sent = await shop.admin({
      method: 'POST',
      path: `${order}/fulfil`,
      json: { trackingCode: parcel },
    });
    expect(sent.status, sent.text).toBe(200);
  });

  test('is sent to every route that accepts it', () => {
    const takers = allOperations.filter(
      ({ body }) => body && /email|trackingCode/.test(JSON.stringify(body)),
    );
    expect(takers.map(({ id }) => id).sort()).toEqual([
      'eraseCustomer',
      'findOrders',
      'fulfilOrder',
      'purchase',
    ]);
  });

  test('is shown to its holder', async () => {
    const { text } = await shop.admin({ path: `/admin/orders/${theirs.order.id}` });
    for (const part of [person.email, person.name, person.phone, parcel]) expect(text).toContain(part);
    expect((await shop.admin({ path: `/admin/drops/${drop.id}/orders.csv` })).text).toContain(person.email);
  });

  test('is in no refusal, whatever field had it', async () => {
    const { token } = theirs;
    const buy = (changes: Record<string, unknown>, key?: string) =>
      purchaseCall(drop.id, { customer: person, ...changes }, key);
    const calls = [
      ...[
        { quantity: 0 },
        { quantity: 101 },
        { sku: canary },
        { dropId: canary },
        { [`${person.email}`]: 1 },
      ].map((changes) => buy(changes)),
      buy({ quantity: 2 }, keyOf(1)),
      buy({ customer: { ...person, [person.email]: 1 } }),
      buy({ customer: person.email }),
      buy({}, `${canary} with a space`),
      { path: `/${person.email}` },
      { path: `/drops/${person.email}` },
      { path: `/drops?phase=${person.email}` },
      { path: `/orders/${person.email}`, token },
      {
        path: `/orders/${theirs.order.id}`,
        token: canary,
        headers: { 'User-Agent': canary, Cookie: canary },
      },
      { path: `/admin/orders?email=${person.email}` },
      { path: `/admin/${person.email}`, token: shop.server.adminToken },
      { path: `/admin/orders?cursor=${person.email}`, token: shop.server.adminToken },
      { path: `/admin/orders?${person.email}=1`, token: shop.server.adminToken },
      { method: 'POST', path: payPath(others), json: { outcome: person.email } },
      { method: 'POST', path: payPath(others), form: { outcome: 'paid', [person.email]: '1' } },
      { method: 'POST', path: webhookPath, body: JSON.stringify(person), headers: { 'Webhook-Id': canary } },
      {
        method: 'POST',
        path: '/admin/customers/erase',
        json: { ...stranger, [person.email]: 1 },
        token: shop.server.adminToken,
      },
    ];
    for (const call of calls) {
      const answer = await shop.send(call);
      expect(answer.status, `${call.path} ${answer.text}`).toBeGreaterThanOrEqual(400);
      expectNothingPersonal(`${answer.text} ${JSON.stringify(answer.headers)}`);
    }
    // The form shows its own sender the input, and must not be cached.
    const own = await browse(`/d/${drop.slug}`, formOf({ email: person.email, quantity: '0' }));
    expect([own.status, own.headers.get('cache-control')]).toEqual([422, 'no-store']);
  });

  test('is shown to no other client', async () => {
    const order = `/orders/${theirs.order.id}`;
    const cookie = `order=${others.token}`;
    const looks: [string, Record<string, string>?][] = [
      ...[
        '/drops',
        `/drops/${drop.id}`,
        '/',
        `/d/${drop.slug}`,
        '/metrics',
        '/openapi.json',
        '/docs',
        '/readyz',
        '/version',
      ].map((path) => [path] as [string]),
      [`/o/${theirs.order.id}`],
      [`/o/${theirs.order.id}`, { cookie }],
      [fromForm],
      [fromForm, { cookie }],
      // The payment page is accessible with its address.
      [payPath(theirs)],
      [order],
      [order, { authorization: `Bearer ${others.token}` }],
      [`/orders/${others.order.id}`, { authorization: `Bearer ${others.token}` }],
      ...[
        `/admin/drops/${drop.id}/audit`,
        '/admin/drops',
        '/admin/refunds',
        `/admin/subscribers?dropId=${drop.id}`,
      ].map(
        (path) =>
          [path, { authorization: `Bearer ${shop.server.adminToken}` }] as [string, Record<string, string>],
      ),
    ];
    for (const [path, headers = {}] of looks) {
      const shown = await browse(path, { headers });
      expect(shown.status, path).toBeLessThan(500);
      expectNothingPersonal(`${await shown.text()} ${JSON.stringify([...shown.headers])}`, path);
    }
    // Even the holder’s own answer omits the contact data, because tokens get shared. It shows the
    // parcel.
    expectNothingPersonal(JSON.stringify(await shop.order(theirs)).replace(parcel, ''));
    const stream = await new EventStream().open(`${shop.server.url}/drops/${drop.id}/stock`);
    await shop.buy(drop.id, { customer: { ...person, email: `second-${person.email}` } });
    await stream.waitFor(({ data }) => data.items[0]?.held === 3);
    stream.close();
    expectNothingPersonal(JSON.stringify(stream.received));
  });

  testOnMachine('is not in the log at any log level', () => {
    const output = shop.server.output();
    expect(output).toContain('listening');
    expectNothingPersonal(output);
  });

  testOnMachine('is only in the order rows of the file, not in the event log', () => {
    const found = readFile(shop.server.databaseFile, (file) => {
      const tables = file
        .prepare<[], string>("select name from sqlite_schema where type = 'table'")
        .pluck()
        .all();
      return tables.filter((table) =>
        new RegExp(`${canary}|${phoneCanary.slice(1)}`, 'i').test(
          JSON.stringify(file.prepare(`select * from "${table}"`).all()),
        ),
      );
    });
    expect(found).toEqual(['orders']);
  });

  testOnMachine('is in no byte of the file and its WAL after its deletion', async () => {
    for (const email of [person.email, `second-${person.email}`]) {
      const erased = await shop.admin({ method: 'POST', path: '/admin/customers/erase', json: { email } });
      expect(JSON.parse(erased.text).orders).toBeGreaterThan(0);
    }
    const { databaseFile } = shop.server;
    const bytes = (): string =>
      ['', '-wal']
        .filter((suffix) => existsSync(databaseFile + suffix))
        .map((suffix) => readFileSync(databaseFile + suffix, 'latin1'))
        .join('');
    await until(
      async () => new RegExp(canary, 'i').test(bytes()),
      (isThere) => !isThere,
    );
    expect(bytes()).not.toContain(phoneCanary);
    expect(bytes()).toContain(stranger.email);
    await restart(shop, runtime);
    expectNothingPersonal(bytes());
    expect((await shop.order(theirs)).order.status).toBe('fulfilled');
  });
});

describe.each(runtimes)('webhooks of personal data on %s', (runtime) => {
  const shop = useServer(runtime, { WEBHOOK_URLS: receiver.url, WEBHOOK_SECRET: receiver.secret });

  test('contain the state of an order, and no personal data', async () => {
    const drop = await shop.createDrop();
    const purchase = await shop.buy(drop.id, { customer: person });
    await shop.pay(purchase);
    await until(
      async () => receiver.typesOf(purchase.order.id),
      (types) => types.includes('order.paid'),
    );
    expectNothingPersonal(JSON.stringify(receiver.received));
  });
});
