/** Refusals common to all operations, from their table: the real application over a real file. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allOperations } from '../../../src/api/document.ts';
import { createApp } from '../../../src/app.ts';
import { moneyReads } from '../../../src/database/money-reads.ts';
import { orderReads } from '../../../src/database/order-reads.ts';
import type { ShopDatabase } from '../../../src/database/shop-database.ts';
import type { OwnDatabase } from '../../../src/database/sqlite/open-database.ts';
import { ADDRESS_REQUESTS_MAX, FAILED_LOGINS_MAX } from '../../../src/domain/client-limits.ts';
import { tokenHash } from '../../../src/http/admin-auth.ts';
import { adminBackupRoutes } from '../../../src/http/admin-backup.ts';
import type { Deps } from '../../../src/http/deps.ts';
import { isOperators, type Operation, refusalsOf } from '../../../src/http/operation.ts';
import { createRateLimits } from '../../../src/http/rate-limits.ts';
import { BODY_BYTES_MAX, LISTENERS_MAX } from '../../../src/limits.ts';
import { createSandbox } from '../../../src/payments/sandbox.ts';
import { createStripeProvider } from '../../../src/payments/stripe.ts';
import type { QueueRefusal } from '../../../src/split/refusal.ts';
import { systemClock } from '../../../src/split/system-clock.ts';
import { appDeps, origin, silentLog } from '../../support/app-deps.ts';
import { createDrop, placeHold, recordPayment } from '../../support/commands.ts';
import { readMark } from '../../support/deployment-mark.ts';
import { expectDocumented } from '../../support/documented.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { migratedFile } from '../../support/scratch-store.ts';
import { ids, openThreadedStore, owedRefund } from '../../support/threaded-store.ts';

const operations = allOperations.filter(({ isOnlyOnWorkers }) => !isOnlyOnWorkers);
const adminToken = 'chief-0123456789abcdef0123456789abcdef';
const poorToken = 'poor-0123456789abcdef0123456789abcdef';
const sandbox = createSandbox('a-secret-of-thirty-two-characters', () => origin);

let store: OwnDatabase;
let dropId = '';
let orderId = '';

beforeAll(async () => {
  store = await openThreadedStore(migratedFile());
  const made = await store.submit(createDrop({ startsAt: systemClock.now() - 60_000, endsAt: null }));
  if (made.kind !== 'drop_saved') throw new Error(made.kind);
  const held = await store.submit(placeHold('ada', { itemId: made.drop.items[0]?.id ?? 0 }));
  if (held.kind !== 'held') throw new Error(held.kind);
  await store.submit({
    kind: 'addOperator',
    actor: 'test',
    name: 'poor',
    scopes: [],
    tokenHash: tokenHash(poorToken).toString('hex'),
  });
  dropId = ids.drop(made.drop.id);
  orderId = ids.order({ dropId: made.drop.id, orderId: held.order.id });
});
afterAll(() => store.close(2_000));

const appOver = (changes: Partial<Deps>) => {
  const providers = new Map([[sandbox.name, sandbox]]);
  const operator = { adminTokenHash: tokenHash(adminToken) };
  return createApp(
    appDeps({ db: store, ids, sandbox, providers, ...operator, ...changes }),
    adminBackupRoutes({ db: store, log: silentLog }),
  );
};

/** The newest refund, or one that never existed. */
const owedOrFailedRefund = (): number =>
  (['pending', 'failed'] as const)
    .flatMap((status) => moneyReads(store).refunds(status, Number.MAX_SAFE_INTEGER, 1))
    .at(0)?.id ?? 1;

function pathOf({ path }: Operation): string {
  if (path.startsWith('/payments/')) return path.replace(':id', sandbox.name);
  if (path.includes('/drops/')) return path.replace(':id', dropId);
  return path.replace(':id', path.includes('/refunds/') ? ids.refund(owedOrFailedRefund()) : orderId);
}

function tokenFor(operation: Operation): string | null {
  if (isOperators(operation)) return adminToken;
  return operation.access === 'order token' ? ids.orderToken(orderId) : null;
}

interface Sent {
  query?: string;
  token?: string | null;
  type?: string;
  coding?: string;
  body?: string | Uint8Array<ArrayBuffer>;
}

/** A valid body, where the operation needs one. */
function goodBody({ id, body }: Operation): Pick<Sent, 'type' | 'body'> {
  if (id === 'receiveWebhook' || !body || !('example' in body)) return {};
  const example =
    id === 'purchase'
      ? { ...(body.example as object), dropId, items: [{ sku: 'one', quantity: 1 }] }
      : body.example;
  return { type: 'application/json', body: JSON.stringify(example) };
}

async function ask(
  app: ReturnType<typeof createApp>,
  operation: Operation,
  { query = '', token = tokenFor(operation), type, coding, body }: Sent,
): Promise<string> {
  const target = pathOf(operation) + query;
  const headers: Record<string, string> = {
    ...(token !== null && { authorization: `Bearer ${token}` }),
    ...(type !== undefined && { 'content-type': type }),
    ...(coding !== undefined && { 'content-encoding': coding }),
  };
  if (operation.id === 'receiveWebhook' && body === undefined) {
    const event = { orderId, amount: 1, currency: 'EUR', outcome: 'paid' } as const;
    const signed = sandbox.webhookFor(event, systemClock.now());
    Object.assign(headers, signed.headers);
    body = signed.body;
  }
  const method = operation.method.toUpperCase();
  const response = await app.fetch(
    new Request(origin + target, { method, headers, ...(body !== undefined && { body }) }),
  );
  const text = await response.text();
  expectDocumented(method, target, {
    status: response.status,
    contentType: response.headers.get('content-type') ?? '',
    text,
  });
  return text.startsWith('{') ? JSON.parse(text).code : `answered ${response.status}`;
}

const having = (fits: (operation: Operation) => unknown): (readonly [string, Operation])[] =>
  operations.filter(fits).map((operation) => [operation.id, operation] as const);

const badBodies: Record<string, Sent> = {
  malformed: { type: 'application/json', body: new Uint8Array([0x7b, 0xff, 0x7d]) },
  too_large: { type: 'application/json', body: JSON.stringify('x'.repeat(BODY_BYTES_MAX)) },
  unsupported_media_type: { type: 'text/plain', coding: 'gzip', body: '{}' },
  invalid: { type: 'application/json', body: '{"nothing":1}' },
};

describe.each(Object.entries(badBodies))('a body is refused: %s', (code, sent) => {
  test.each(having((operation) => operation.body && refusalsOf(operation).includes(code as never)))(
    '%s',
    async (_, operation) => {
      expect(await ask(appOver({}), operation, sent)).toBe(code);
    },
  );
});

test.each(having(({ query }) => query))('%s refuses a query it does not know', async (_, operation) => {
  expect(await ask(appOver({}), operation, { query: '?phase=nonsense' })).toBe('invalid');
});

describe.each([
  { kind: 'overloaded', retryAfterSeconds: 1 },
  { kind: 'stopping' },
  { kind: 'outcome_unknown' },
] satisfies QueueRefusal[])('the writer queue reports $kind', (refusal) => {
  // A list writes only for an operator who was shown many orders: long-list-refusals.test.ts.
  test.each(having(({ writes, id }) => writes && id !== 'listOrders'))('%s', async (_, operation) => {
    // Only the queue's answer is simulated: a real one is hard to fill at the right moment per
    // route.
    const refusing = { ...store, submit: async () => refusal } as unknown as ShopDatabase;
    expect(await ask(appOver({ db: refusing }), operation, goodBody(operation))).toBe(refusal.kind);
  });
});

test('an audit does not wait for a free long read', async () => {
  const busy = { ...store, certify: async () => null };
  expect(await ask(appOver({ db: busy }), named('audit'), {})).toBe('overloaded');
});

describe('operators', () => {
  test.each(having(isOperators))(
    '%s: 401 without credentials, 403 without the scope',
    async (_, operation) => {
      const app = appOver({});
      expect(await ask(app, operation, { ...goodBody(operation), token: null })).toBe('unauthorized');
      expect(await ask(app, operation, { ...goodBody(operation), token: poorToken })).toBe('forbidden');
    },
  );

  test.each(having(isOperators))('%s: a client that guesses tokens must wait', async (_, operation) => {
    const app = appOver({ rateLimits: createRateLimits(() => '192.0.2.1', new FakeClock()) });
    for (let guess = 0; guess < FAILED_LOGINS_MAX; guess += 1) {
      await app.request('/admin/drops', { headers: { authorization: `Bearer guess-${guess}` } });
    }
    expect(await ask(app, operation, { ...goodBody(operation), token: 'guess' })).toBe('rate_limited');
    expect(await ask(app, operation, { ...goodBody(operation), token: poorToken })).toBe('forbidden');
  });
});

test.each(having(({ isLimited }) => isLimited))('%s is limited by address', async (_, operation) => {
  const app = appOver({ rateLimits: createRateLimits(() => '192.0.2.1', new FakeClock()) });
  for (let count = 0; count < ADDRESS_REQUESTS_MAX; count += 1) await app.request('/orders/none');
  expect(await ask(app, operation, goodBody(operation))).toBe('rate_limited');
});

const named = (id: string): Operation => {
  const operation = operations.find((one) => one.id === id);
  if (!operation) throw new Error(`There is no operation ${id}.`);
  return operation;
};

test('the stock is streamed until too many clients listen', async () => {
  const app = appOver({});
  const path = pathOf(named('watchStock'));
  const listening: Response[] = [];
  for (let count = 0; count < LISTENERS_MAX; count += 1) listening.push(await app.request(path));
  const [first] = listening;
  const contentType = first?.headers.get('content-type') ?? '';
  expectDocumented('GET', path, { status: 200, contentType, text: '' });
  expect(await ask(app, named('watchStock'), {})).toBe('overloaded');
  await Promise.all(listening.map(({ body }) => body?.cancel()));
});

test('payment is refused without a provider for the currency, without an answer, and with nothing to pay', async () => {
  const payPage = named('openPayPage');
  const none = appOver({ sandbox: null, providers: new Map() });
  expect(await ask(none, payPage, {})).toBe('no_provider');
  // The real provider, at an address where no server listens.
  const stripe = createStripeProvider({
    secretKey: 'sk_test',
    webhookSecret: 'whsec_test',
    apiBase: 'http://127.0.0.1:9',
    timeoutMs: 500,
    readMark,
  });
  const away = appOver({ sandbox: null, providers: new Map([[stripe.name, stripe]]) });
  expect(await ask(away, payPage, {})).toBe('answered 503');
  await store.submit({ kind: 'cancelOrder', orderId: ids.parseOrder(orderId)?.orderId ?? 0 });
  expect(await ask(away, payPage, {})).toBe('answered 410');
});

test('a server that shuts down answers so', async () => {
  const app = appOver({ isStopping: () => true });
  expect((await app.request('/readyz')).status).toBe(503);
  await ask(app, named('isReady'), {});
});

test('a refund that failed for good is retried', async () => {
  await store.submit(recordPayment(null));
  const refundId = owedRefund(store);
  await store.submit({ kind: 'beginRefund', refundId, attempts: 0, amount: 1250, nextAttemptAt: 0 });
  await store.submit({ kind: 'finishRefund', refundId, result: 'failed', error: 'no' });
  await ask(appOver({}), named('retryRefund'), {});
  expect(moneyReads(store).refunds('pending', Number.MAX_SAFE_INTEGER, 1)).toHaveLength(1);
});

test('an internal error is not disclosed', async () => {
  const fails = () => {
    throw new Error('secret of the house');
  };
  expect(await ask(appOver({}), named('getOrder'), {})).not.toBe('internal');
  const failing = { ...store };
  orderReads.preset(failing, { ...orderReads(store), order: fails });
  expect(await ask(appOver({ db: failing }), named('getOrder'), {})).toBe('internal');
});
