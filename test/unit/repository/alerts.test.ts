/** Every alert of deploy/prometheus-rules.yml fires on scrapes of its trouble, no other does. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { dropPresentation } from '../../../src/answers/representation.ts';
import { createApp } from '../../../src/app.ts';
import { logReads } from '../../../src/database/log-reads.ts';
import type { DatabaseStatus, ShopDatabase, Tallies } from '../../../src/database/shop-database.ts';
import { createFrontDatabase } from '../../../src/edge/front/database.ts';
import { noRows } from '../../../src/edge/front/no-rows.ts';
import { mailQueueFamilies, objectsFamily } from '../../../src/edge/metrics.ts';
import type { Family } from '../../../src/http/metrics-text.ts';
import { createIds } from '../../../src/ids/ids.ts';
import { alertNames, firing, type Scrape } from '../../support/alert-rules.ts';
import { appDeps } from '../../support/app-deps.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { root } from '../../support/server-process.ts';

const scrapeSeconds = 5;
const ids = createIds('one-secret-0123456789abcdef0123456789abcdef');
const item = { id: 1, sku: 'one', name: 'One', price: 1250, stock: 500, held: 0, sold: 0 };
const times = { startsAt: 0, endsAt: null, holdSeconds: 600, createdAt: 0 };
const texts = { slug: 'drop', title: 'Drop', description: '', imageUrl: null, currency: 'EUR' };
const drop = { id: 1, ...texts, ...times, perCustomer: null, published: true, paused: false, items: [item] };
const subscribers = [{ name: 'mail', kind: 'mail', target: null }] as const;
const nothing = { dropId: null, orderId: null, quantity: null, amount: null, currency: null, detail: null };
const event = { seq: 1, at: 0, kind: 'held', actor: 'customer', ...nothing } as const;

let clock: FakeClock;
let status: Partial<DatabaseStatus>;
let tallies: Tallies;
let loopDelaySeconds: number;
let isAway: boolean;
/** Metrics of Workers only. */
let edgeFamilies: Family[];
let deferred: number;
/** The log's last event to which mail is delivered; the log has one event. */
let lastSeq: number;
let submit: () => Promise<never>;
let app: ReturnType<typeof createApp>;
let store: ShopDatabase;
let scrapes: Scrape[];

beforeEach(() => {
  clock = new FakeClock();
  [status, loopDelaySeconds, isAway, scrapes] = [{}, 0, false, []];
  [deferred, lastSeq, edgeFamilies] = [0, 1, []];
  tallies = { orders: {}, refunds: {}, disputes: {}, deletionUnfinishedSince: null };
  submit = async () => ({ kind: 'sold_out' }) as never;
  const front = createFrontDatabase([drop], dropPresentation(ids), () => submit());
  store = {
    ...front,
    submit: () => submit(),
    status: () => ({ ...front.status(), ...status }),
    tallies: async () => tallies,
  };
  logReads.preset(store, {
    ...logReads(noRows),
    subscribers: () => [{ name: 'mail', lastSeq }],
    deferredCounts: () => [{ subscriber: 'mail', count: deferred }],
    eventsAfter: (seq) => (seq === 0 ? [event] : []),
  });
  const [name, type, help] = ['stampede_event_loop_delay_seconds', 'gauge', ''] as const;
  const loop = () => [
    { name, type, help, samples: [{ labels: { quantile: '0.99' }, value: loopDelaySeconds }] },
  ];
  app = createApp(
    appDeps({ db: store, ids, clock, processFamilies: () => [...loop(), ...edgeFamilies], subscribers }),
  );
});

const post = (path: string, body: object = {}): Promise<Response> =>
  Promise.resolve(
    app.request(`http://shop.example${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() },
      body: JSON.stringify(body),
    }),
  );
const buy = (): Promise<Response> =>
  post('/purchase', { dropId: 'drop', quantity: 1, customer: { email: 'ann@shop.example', name: 'Ann' } });

/** Scrapes for `seconds`; `meanwhile` runs before each scrape but the first. */
async function watch(
  seconds: number,
  meanwhile: () => unknown = () => undefined,
  stepSeconds = scrapeSeconds,
): Promise<void> {
  for (let passed = 0; passed <= seconds; passed += stepSeconds) {
    if (passed > 0) await meanwhile();
    const answer = isAway ? null : await app.request('http://shop.example/metrics');
    scrapes.push({ at: scrapes.length * stepSeconds, text: (await answer?.text()) ?? null });
  }
}

const troubles: Record<string, () => Promise<void>> = {
  async StampedeDown() {
    isAway = true;
    await watch(30);
  },
  async StampedeTakesNoOrders() {
    status = { isReady: false };
    await watch(10);
  },
  async StampedeBreaksInside() {
    submit = () => Promise.reject(new Error('a bug'));
    await watch(0);
    // The first one since the start, and no more.
    expect((await buy()).status).toBe(500);
    await watch(0);
  },
  async StampedeCommandFails() {
    await watch(0);
    store.metrics.count('stampede_commands_total', 'recordCheckout command_failed');
    await watch(0);
  },
  async StampedeOverloaded() {
    submit = async () => ({ kind: 'outcome_unknown' }) as never;
    await watch(75, buy);
  },
  async StampedePurchasesSlow() {
    submit = async () => {
      clock.advance(700);
      return { kind: 'sold_out' } as never;
    };
    await watch(75, buy);
  },
  async StampedeDiskSlow() {
    await watch(130, () => store.metrics.observe('stampede_fsync_seconds', 0.2));
  },
  async StampedeWalGrows() {
    status = { walBytes: 600e6 };
    await watch(120);
  },
  async StampedeRefundsGivenUp() {
    tallies = { ...tallies, refunds: { failed: 1 } };
    await watch(0);
  },
  async StampedeRefundsWait() {
    tallies = { ...tallies, refunds: { pending: 1 } };
    await watch(30 * 60, undefined, 300);
  },
  async StampedeDisputesOpen() {
    tallies = { ...tallies, disputes: { open: 1 } };
    await watch(0);
  },
  async StampedeDeletionsUnfinished() {
    tallies = { ...tallies, deletionUnfinishedSince: clock.now() - 8 * 24 * 3_600_000 };
    await watch(0);
  },
  async StampedeWebhooksRefused() {
    await watch(0);
    for (let count = 0; count < 6; count += 1) await post('/payments/sandbox/webhook');
    await watch(0);
  },
  async StampedeSubscriberLags() {
    lastSeq = 0;
    await watch(16 * 60, () => clock.advance(60_000), 60);
  },
  async StampedeMailParked() {
    deferred = 201;
    await watch(30 * 60, undefined, 300);
  },
  async StampedeMailQueueGrows() {
    edgeFamilies = mailQueueFamilies(201, clock.now(), clock.now());
    await watch(30 * 60, undefined, 300);
  },
  async StampedeDeliveriesGivenUp() {
    await watch(0);
    store.metrics.count('stampede_deliveries_given_up_total', 'mail');
    await watch(0);
  },
  async StampedePaymentUnreadable() {
    await watch(0);
    store.metrics.count('stampede_payments_ignored_total', 'foreign');
    store.metrics.count('stampede_payments_ignored_total', 'other_mark');
    await watch(0);
  },
  async StampedeObjectsUnreachable() {
    edgeFamilies = [objectsFamily({ answered: 3, unreachable: 1, left_out: 0 })];
    await watch(300, undefined, 60);
  },
  async StampedeEventLoopLate() {
    loopDelaySeconds = 0.3;
    await watch(60);
  },
};

test('each alert has a scenario', () => {
  expect(Object.keys(troubles)).toEqual(alertNames);
});

test('no alert fires on a healthy server', async () => {
  await watch(150, async () => {
    store.metrics.observe('stampede_fsync_seconds', 0.001);
    expect((await buy()).status).toBe(409);
  });
  expect(firing(scrapes)).toEqual([]);
});

test.each(Object.entries(troubles))('%s fires alone', async (name, begin) => {
  await begin();
  expect(firing(scrapes)).toEqual([name]);
});

test('every admin route has its own series', async () => {
  await app.request('http://shop.example/admin/drops');
  await app.request('http://shop.example/admin/orders/ord_1');
  await app.request('http://shop.example/admin/nothing');
  const text = await (await app.request('http://shop.example/metrics')).text();
  const refused = [...text.matchAll(/method="GET",route="([^"]+)",outcome="unauthorized"/g)].map(
    ([, route]) => route,
  );
  expect(refused).toEqual(['/admin/drops', '/admin/orders/:id', '/admin/*']);
});

test('metrics carry the labels that the operations page names', async () => {
  await buy();
  const text = await (await app.request('http://shop.example/metrics')).text();
  const operations = readFileSync(join(root, 'docs/operations.md'), 'utf8');
  const documented = [...operations.matchAll(/^\| `(stampede_[a-z_]+)\{([a-z,]+)\}`/gm)];
  const carried = documented.flatMap(([, name = '', labels = '']) => {
    const [, found] = new RegExp(`^${name}(?:_count)?\\{([^}]*)\\}`, 'm').exec(text) ?? [];
    const names = [...(found ?? '').matchAll(/(\w+)=/g)].map(([, label]) => label);
    return found === undefined ? [] : [[name, labels, names.join(',')]];
  });
  expect(carried.length).toBeGreaterThan(5);
  expect(carried.filter(([, labels, names]) => labels !== names)).toEqual([]);
});
