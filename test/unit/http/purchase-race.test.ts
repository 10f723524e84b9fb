/** Purchases in the same event-loop turn, through the real routes and the real writer. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dropPresentation } from '../../../src/answers/representation.ts';
import { createApp } from '../../../src/app.ts';
import { type OwnDatabase, openShopDatabase } from '../../../src/database/sqlite/open-database.ts';
import { createIds } from '../../../src/ids/ids.ts';
import { systemClock } from '../../../src/split/system-clock.ts';
import { appDeps } from '../../support/app-deps.ts';
import { createDrop } from '../../support/commands.ts';
import { keyOf } from '../../support/key-of.ts';
import { patienceMs } from '../../support/patience.ts';
import { migratedFile, settingsFor } from '../../support/scratch-store.ts';

const secretKey = 'one-secret-0123456789abcdef0123456789abcdef';
const requestsAtOnce = 40;

let store: OwnDatabase;
let app: ReturnType<typeof createApp>;
const faults: string[] = [];

beforeAll(async () => {
  const ids = createIds(secretKey);
  store = await openShopDatabase(
    {
      connection: settingsFor(migratedFile()),
      queue: { queueMax: 1_000, deadlineMs: patienceMs, batchMax: 100 },
      readersMax: 4,
      backups: { folder: '/nowhere', keep: 1 },
      warmUpHolds: 0,
      secretKey,
    },
    dropPresentation(ids),
    systemClock,
    (reason) => faults.push(reason),
  );
  app = createApp(appDeps({ db: store, ids }));
});
afterAll(async () => {
  await store.close(2_000);
  expect(faults).toEqual([]);
});

interface Bought {
  status: number;
  body: { code?: string; order?: { id: string } };
}

async function buy(slug: string, customer: Record<string, string>, key?: string): Promise<Bought> {
  const response = await app.fetch(
    new Request('http://shop.example/purchase', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(key !== undefined && { 'idempotency-key': key }) },
      body: JSON.stringify({ dropId: slug, quantity: 1, customer }),
    }),
  );
  return { status: response.status, body: (await response.json()) as Bought['body'] };
}

const times = <T>(work: (index: number) => T): T[] =>
  Array.from({ length: requestsAtOnce }, (_, index) => work(index));
const countOf = (bought: readonly Bought[]): Record<string, number> =>
  Object.fromEntries(
    [...Map.groupBy(bought, ({ status, body }) => body.code ?? String(status))].map(([what, all]) => [
      what,
      all.length,
    ]),
  );

describe('concurrent purchases', () => {
  test('give one customer the limit and no more', async () => {
    await store.submit(createDrop({ slug: 'limited', startsAt: 0, perCustomer: 2 }));
    const bought = await Promise.all(times(() => buy('limited', { email: 'ann@example.com' })));
    expect(countOf(bought)).toEqual({ '201': 2, limit_reached: requestsAtOnce - 2 });
  });

  test('give one phone number its limit, whatever the e-mails', async () => {
    await store.submit(createDrop({ slug: 'by-phone', startsAt: 0, perCustomer: 2 }));
    const bought = await Promise.all(
      times((index) => buy('by-phone', { email: `buyer-${index}@example.com`, phone: '+4915112345678' })),
    );
    expect(countOf(bought)).toEqual({ '201': 2, limit_reached: requestsAtOnce - 2 });
  });

  test('sell five units to five customers', async () => {
    await store.submit(createDrop({ slug: 'scarce', startsAt: 0 }));
    const bought = await Promise.all(
      times((index) => buy('scarce', { email: `buyer-${index}@example.com` })),
    );
    expect(countOf(bought)).toEqual({ '201': 5, sold_out: requestsAtOnce - 5 });
  });

  test('of one key buy once, and all are answered', async () => {
    await store.submit(createDrop({ slug: 'retried', startsAt: 0 }));
    const bought = await Promise.all(times(() => buy('retried', { email: 'ann@example.com' }, keyOf('ann'))));
    expect(countOf(bought)).toEqual({ '201': requestsAtOnce });
    expect(new Set(bought.map(({ body }) => body.order?.id)).size).toBe(1);
    expect(store.snapshot.find('retried')?.items[0]?.held).toBe(1);
  });
});
