/** The refusals of a list of orders that must be logged: the real application over a real file. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApp } from '../../../src/app.ts';
import type { ShopDatabase } from '../../../src/database/shop-database.ts';
import type { OwnDatabase } from '../../../src/database/sqlite/open-database.ts';
import { tokenHash } from '../../../src/http/admin-auth.ts';
import { LISTED_ORDERS_MAX } from '../../../src/limits.ts';
import type { QueueRefusal } from '../../../src/split/refusal.ts';
import { appDeps, origin } from '../../support/app-deps.ts';
import { expectDocumented } from '../../support/documented.ts';
import { placeOrders } from '../../support/placed-orders.ts';
import { migratedFile } from '../../support/scratch-store.ts';
import { ids, openThreadedStore } from '../../support/threaded-store.ts';

const adminToken = 'chief-0123456789abcdef0123456789abcdef';
let store: OwnDatabase;
let cursor = '';

beforeAll(async () => {
  store = await openThreadedStore(migratedFile());
  const [, second = ''] = await placeOrders(store, LISTED_ORDERS_MAX + 1);
  cursor = ids.cursor(ids.parseOrder(second)?.orderId ?? 0);
});
afterAll(() => store.close(2_000));

test.each([
  { kind: 'overloaded', retryAfterSeconds: 1 },
  { kind: 'stopping' },
  { kind: 'outcome_unknown' },
] satisfies QueueRefusal[])(
  'a long list is refused while the writer queue reports $kind',
  async (refusal) => {
    // Only the queue's answer is simulated: a real one is hard to fill at the right moment.
    const refusing = { ...store, submit: async () => refusal } as unknown as ShopDatabase;
    const app = createApp(appDeps({ db: refusing, ids, adminTokenHash: tokenHash(adminToken) }));
    const list = async (query: string): Promise<{ code?: string }> => {
      const target = `/admin/orders?${query}`;
      const headers = { authorization: `Bearer ${adminToken}` };
      const response = await app.fetch(new Request(origin + target, { headers }));
      const text = await response.text();
      const contentType = response.headers.get('content-type') ?? '';
      expectDocumented('GET', target, { status: response.status, contentType, text });
      return JSON.parse(text) as { code?: string };
    };
    expect(await list(`limit=${LISTED_ORDERS_MAX}`)).not.toHaveProperty('code');
    // The oldest order exceeds the bound.
    expect(await list(`cursor=${cursor}`)).toMatchObject({ code: refusal.kind });
  },
);
