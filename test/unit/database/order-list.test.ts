/** The operator's list at length: rare orders are found, without waiting for the whole search. */
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as schema from '../../../drizzle/schema.ts';
import { createApp } from '../../../src/app.ts';
import { listOrders, type OrderFilter } from '../../../src/database/order-list.ts';
import { readsOf } from '../../../src/database/read-database.ts';
import { tokenHash } from '../../../src/http/admin-auth.ts';
import { LISTED_ORDERS_SCANNED } from '../../../src/limits.ts';
import { openReader, openWriter, type SqliteConnection } from '../../../src/split/connection.ts';
import { systemClock } from '../../../src/split/system-clock.ts';
import { appDeps } from '../../support/app-deps.ts';
import { migratedFile, settingsFor } from '../../support/scratch-store.ts';
import { ids, openThreadedStore } from '../../support/threaded-store.ts';

const ORDERS = 3 * LISTED_ORDERS_SCANNED + 500;
/** The only orders with pending refunds, far apart. */
const rare = [3, 4_000, LISTED_ORDERS_SCANNED, 2 * LISTED_ORDERS_SCANNED + 1, ORDERS];

let file: string;
let reader: SqliteConnection;
beforeAll(() => {
  file = migratedFile();
  const writer = openWriter(settingsFor(file));
  writer.exec(`
    insert into drops select column1, column2, 'A drop', '', null, 'EUR', null, 1, null, 600, 1, 0, 1, null
      from (values (1, 'one'), (2, 'two'));
    insert into items select id, id, 'one', 'One', 100, 50000, 0, 0 from drops;
    with recursive series(n) as (select 1 union all select n + 1 from series limit ${ORDERS})
      insert into orders (id, drop_id, items, units, total, status, customer, fingerprint, created_at, hold_expires_at)
      select n, 1 + n % 2, '[[' || (1 + n % 2) || ',1,100]]', 1, 100, iif(n in (${rare}), 'refunding', 'paid'), 'c' || n, 'f', 1, 2 from series;`);
  writer.close();
  reader = openReader(settingsFor(file));
});
afterAll(() => reader.close());

const list = async (filter: OrderFilter, limit: number) => {
  const { parallel } = readsOf(drizzle(reader, { schema }));
  const steps = await Array.fromAsync(listOrders(parallel, filter, limit));
  return { steps: steps.length, ids: steps.flat().map(({ id }) => id) };
};
const newestFirst = [...rare].reverse();

describe('orders of a rare status', () => {
  test('are all found, newest first, in steps that each look at a part', async () => {
    expect(await list({ status: 'refunding' }, 50)).toEqual({ steps: 4, ids: newestFirst });
  });

  test('are limited to the requested number, and nothing after the last one is read', async () => {
    expect(await list({ status: 'refunding' }, 1)).toEqual({ steps: 1, ids: [ORDERS] });
    expect(await list({ status: 'refunding' }, 2)).toEqual({ steps: 2, ids: newestFirst.slice(0, 2) });
  });

  test('continue on the next page', async () => {
    const beforeOrderId = newestFirst[1] ?? 0;
    expect((await list({ status: 'refunding', beforeOrderId }, 50)).ids).toEqual(newestFirst.slice(2));
    expect(await list({ status: 'refunding', beforeOrderId: 1 }, 50)).toEqual({ steps: 0, ids: [] });
  });

  test('are found in one drop, and of one customer', async () => {
    const odd = newestFirst.filter((id) => id % 2 === 1);
    expect((await list({ status: 'refunding', dropId: 2 }, 50)).ids).toEqual(odd);
    expect(await list({ status: 'refunding', customer: 'c3' }, 50)).toEqual({ steps: 1, ids: [3] });
    expect(await list({ status: 'refunding', customer: 'c5' }, 50)).toEqual({ steps: 1, ids: [] });
  });

  test('need no step in a database without orders', async () => {
    expect(await list({ status: 'held' }, 50)).toEqual({ steps: 4, ids: [] });
    expect(await list({}, 2)).toEqual({ steps: 1, ids: [ORDERS, ORDERS - 1] });
  });
});

test('the route yields to other requests between two steps', async () => {
  const store = await openThreadedStore(file);
  let turns = 0;
  const clock = {
    ...systemClock,
    soon(task: () => void) {
      turns += 1;
      systemClock.soon(task);
    },
  };
  const token = 'test-admin-token';
  const adminTokenHash = tokenHash(token);
  const { fetch } = createApp(appDeps({ db: store, ids, clock, adminTokenHash }));
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(new Request('http://shop.example/admin/orders?status=refunding', { headers }));
  const { orders } = (await answer.json()) as { orders: unknown[] };
  expect(orders).toHaveLength(rare.length);
  expect(turns).toBe(4);
  await store.close(1_000);
});
