/** The pages of drops without Hono: the same answers and metrics as through the application. */
import { expect, test } from 'vitest';
import { dropPresentation } from '../../../src/answers/representation.ts';
import { createApp } from '../../../src/app.ts';
import type { ShopDatabase } from '../../../src/database/shop-database.ts';
import { Snapshot } from '../../../src/database/snapshot.ts';
import { noRows } from '../../../src/edge/front/no-rows.ts';
import { createQuickPages } from '../../../src/http/drops.ts';
import { quickRequestOf } from '../../../src/http/quick-request.ts';
import { createIds } from '../../../src/ids/ids.ts';
import { Metrics } from '../../../src/metrics.ts';
import { appDeps } from '../../support/app-deps.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { plainDrop } from '../../support/plain-drop.ts';

const ids = createIds('a-secret-of-thirty-two-characters');
const drops = [
  plainDrop,
  { ...plainDrop, id: 2, slug: 'draft', published: false },
  { ...plainDrop, id: 3, slug: 'moved', movedAt: 1 },
];

function openShop() {
  const snapshot = new Snapshot(dropPresentation(ids));
  snapshot.apply({ kind: 'catalogue', drops });
  const db = { ...noRows, snapshot, metrics: new Metrics() } as unknown as ShopDatabase;
  return appDeps({ db, ids, clock: new FakeClock() });
}

const plainPaths = ['/drops', '/drops/one', `/drops/${ids.drop(1)}`];
const otherPaths = [
  ...['/', '/drops/', '/drops/draft', `/drops/${ids.drop(2)}`, '/drops/moved', '/drops/none', '/dropsXone'],
  ...[
    '/drops?phase=live',
    '/drops?',
    '/drops/one?a=1',
    '/drops/o%6ee',
    '/drops/one/',
    '/drops/one/live',
    '/x/drops',
  ],
];

test.each(plainPaths)('%s is answered and counted exactly as by the application', async (path) => {
  const [quick, whole] = [openShop(), openShop()];
  const answer = createQuickPages(quick)(quickRequestOf(new Request(`https://shop.example${path}`), {}));
  const expected = await createApp(whole).request(path);
  expect(answer?.status).toBe(200);
  expect([...(answer?.headers ?? [])]).toEqual([...expected.headers]);
  expect(await answer?.text()).toBe(await expected.text());
  expect(quick.db.metrics.state()).toEqual(whole.db.metrics.state());
});

test.each(otherPaths)('%s is left to the application', (path) => {
  const shop = openShop();
  expect(
    createQuickPages(shop)(quickRequestOf(new Request(`http://shop.example:8080${path}`), {})),
  ).toBeNull();
  expect(shop.db.metrics.state()).toEqual(new Metrics().state());
});

test.each(plainPaths)('other methods and revalidations of %s are left to the application', (path) => {
  const quickPage = createQuickPages(openShop());
  const ask = (init: RequestInit) =>
    quickPage(quickRequestOf(new Request(`http://shop.example${path}`, init), {}));
  for (const method of ['HEAD', 'POST', 'OPTIONS']) expect(ask({ method })).toBeNull();
  expect(ask({ headers: { 'If-None-Match': '"any"' } })).toBeNull();
});
