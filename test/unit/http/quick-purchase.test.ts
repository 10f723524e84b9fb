/** A purchase without Hono: the same answers, limits and metrics as through the application. */
import { expect, test } from 'vitest';
import { dropPresentation } from '../../../src/answers/representation.ts';
import { createApp } from '../../../src/app.ts';
import type { ShopDatabase } from '../../../src/database/shop-database.ts';
import { Snapshot } from '../../../src/database/snapshot.ts';
import type { DomainCommand } from '../../../src/domain/command.ts';
import { noRows } from '../../../src/edge/front/no-rows.ts';
import type { Deps } from '../../../src/http/deps.ts';
import { createPurchase } from '../../../src/http/place-purchase.ts';
import { createQuickPurchase } from '../../../src/http/quick-purchase.ts';
import { quickRequestOf } from '../../../src/http/quick-request.ts';
import { createRateLimits } from '../../../src/http/rate-limits.ts';
import { createIds } from '../../../src/ids/ids.ts';
import { BODY_BYTES_MAX } from '../../../src/limits.ts';
import { Metrics } from '../../../src/metrics.ts';
import { appDeps, silentLog } from '../../support/app-deps.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { plainDrop } from '../../support/plain-drop.ts';

const ids = createIds('a-secret-of-thirty-two-characters');
const soldOut = {
  ...plainDrop,
  id: 2,
  slug: 'gone',
  items: [{ id: 2, sku: 'two', name: '2', price: 1, stock: 0, held: 0, sold: 0 }],
};
const order = {
  ...{ id: 7, dropId: 1, total: 1, createdAt: 0, holdExpiresAt: 60_000 },
  items: [{ itemId: 1, quantity: 1, unitPrice: 1 }],
  ...{ email: 'a@b.example', name: null, phone: null, address: null },
  ...{ status: 'held', trackingCode: null, releaseReason: null, dispute: null },
};
const key = '0b5a1c3e-9f7d-4e2b-8a6c-1d2e3f4a5b6c';

/** A shop whose writer answers by `submit`; one address may send few requests. */
function openShop(
  submit: (command: DomainCommand) => Promise<unknown>,
  error: Deps['log']['error'] = silentLog.error,
) {
  const snapshot = new Snapshot(dropPresentation(ids));
  snapshot.apply({ kind: 'catalogue', drops: [plainDrop, soldOut] });
  const clock = new FakeClock();
  const db = { ...noRows, snapshot, metrics: new Metrics(), isFull: () => false, submit };
  const rateLimits = createRateLimits(({ req }) => req.header('x-address') ?? null, clock);
  const deps = appDeps({
    db: db as unknown as ShopDatabase,
    ids,
    clock,
    rateLimits,
    log: { ...silentLog, error },
  });
  const purchase = createPurchase(deps);
  const quick = createQuickPurchase(deps, purchase);
  const app = createApp(deps, [], undefined, purchase);
  return { db, quick: (request: Request) => quick(quickRequestOf(request, {})), app };
}

const held = async () => ({ kind: 'held', order, replayed: false });
const wanted = { dropId: 'one', quantity: 1, customer: { email: 'a@b.example' } };

function asked(body: unknown, headers: Record<string, string> = {}): Request {
  const bytes = body instanceof Uint8Array ? body : new TextEncoder().encode(JSON.stringify(body));
  const usual = { 'content-type': 'application/json', 'content-length': String(bytes.length) };
  const all = { ...usual, 'idempotency-key': key, 'x-address': '192.0.2.1', ...headers };
  return new Request('http://shop.example/purchase', {
    method: 'POST',
    body: bytes as Uint8Array<ArrayBuffer>,
    headers: all,
  });
}

const cases: Record<string, () => Request> = {
  'a purchase': () => asked(wanted),
  'one without an address': () => asked(wanted, { 'x-address': '' }),
  'one of a client that accepts anything': () => asked(wanted, { accept: '*/*' }),
  'one that only the schema can judge': () =>
    asked({ ...wanted, customer: { email: 'A@B.example', name: 'É' } }),
  'one that is sold out': () => asked({ ...wanted, dropId: 'gone' }),
  'one of no drop': () => asked({ ...wanted, dropId: 'none' }),
  'a wrong field': () => asked({ ...wanted, quantity: 0 }),
  'a wrong key': () => asked(wanted, { 'idempotency-key': 'ä ö' }),
  'a body that is not JSON': () => asked(new TextEncoder().encode('{')),
  'a body that is not UTF-8': () => asked(Uint8Array.of(0x22, 0xff, 0x22)),
  'a byte order mark': () => asked(Uint8Array.of(0xef, 0xbb, 0xbf, 0x31)),
};

test.each(Object.entries(cases))('%s is answered and counted as by the application', async (_, request) => {
  const [one, other] = [openShop(held), openShop(held)];
  for (let count = 0; count < 70; count += 1) {
    const answer = await one.quick(request());
    const expected = await other.app.request(request());
    expect(answer?.status).toBe(expected.status);
    expect([...(answer?.headers ?? [])]).toEqual([...expected.headers]);
    expect(await answer?.text()).toBe(await expected.text());
  }
  expect(one.db.metrics.state()).toEqual(other.db.metrics.state());
});

const left: Record<string, Record<string, string>> = {
  'a form': { 'content-type': 'application/x-www-form-urlencoded' },
  'a longer type': { 'content-type': 'application/json; charset=latin1' },
  'a compressed body': { 'content-encoding': 'gzip' },
  'a long body': { 'content-length': String(BODY_BYTES_MAX + 1) },
  'a body without a length': { 'content-length': 'none' },
  'a browser’s request': { accept: 'text/html, */*;q=0.8' },
};

test.each(Object.entries(left))('%s is left to the application, unread', (_, headers) => {
  const request = asked(wanted, headers);
  expect(openShop(held).quick(request)).toBeNull();
  expect(request.bodyUsed).toBe(false);
});

test.each([
  ['GET', '/purchase'],
  ['POST', '/purchase?'],
  ['POST', '/purchase/'],
])('%s %s is left to the application', (method, path) => {
  const { headers } = asked(wanted);
  const request = new Request(`http://shop.example${path}`, { method, headers });
  expect(openShop(held).quick(request)).toBeNull();
});

test('while the queue is full, purchases are left to the application', () => {
  const shop = openShop(held);
  shop.db.isFull = () => true;
  expect(shop.quick(asked(wanted))).toBeNull();
});

test('a retry that comes the other way waits for its first attempt', async () => {
  let finish = (_: unknown): void => undefined;
  let submitted = 0;
  const shop = openShop(() => {
    submitted += 1;
    return new Promise((resolve) => {
      finish = resolve;
    });
  });
  const first = shop.quick(asked(wanted));
  const retry = shop.app.request(asked(wanted, { 'content-type': 'application/json; charset=utf-8' }));
  await new Promise((resolve) => setImmediate(resolve));
  finish(await held());
  const replayed = async (response: Response | null) => response?.headers.get('idempotency-replayed');
  expect([await replayed(await first), await replayed(await retry)]).toEqual([null, 'true']);
  expect(submitted).toBe(1);
});

test('a fault is answered as a problem, logged and counted', async () => {
  const lines: unknown[] = [];
  const shop = openShop(
    async () => {
      throw new TypeError('a bug');
    },
    (...line) => lines.push(line),
  );
  expect(await (await shop.quick(asked(wanted)))?.json()).toMatchObject({ code: 'internal' });
  expect(lines).toHaveLength(1);
  expect(JSON.stringify(shop.db.metrics.state())).toContain('POST /purchase internal');
});
