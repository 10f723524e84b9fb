/** The hub of live stock by itself: who is too slow is let go, and nothing piles up for him. */
import { expect, test } from 'vitest';
import { Snapshot } from '../../src/database/snapshot.ts';
import type { Store } from '../../src/database/store.ts';
import type { Deps } from '../../src/http/deps.ts';
import { liveStockRoutes } from '../../src/http/live-stock.ts';
import { dropPresentation } from '../../src/http/representation.ts';
import { createIds } from '../../src/ids.ts';
import { LISTENER_QUEUE_MESSAGES, STOCK_HEARTBEAT_MS, STOCK_INTERVAL_MS } from '../../src/limits.ts';
import { FakeClock } from '../support/fake-clock.ts';

const ids = createIds('a-secret-of-thirty-two-characters');
const drop = {
  ...{
    id: 1,
    slug: 'one',
    title: 'One',
    description: '',
    imageUrl: null,
    currency: 'EUR',
    perCustomer: null,
  },
  ...{ startsAt: 0, endsAt: null, holdSeconds: 60, published: true, paused: false, createdAt: 0 },
  items: [{ id: 1, sku: 'one', name: 'One', price: 1, stock: 1_000, held: 0, sold: 0 }],
};

function openHub() {
  const clock = new FakeClock();
  const snapshot = new Snapshot(dropPresentation(ids));
  snapshot.apply({ kind: 'catalogue', drops: [drop] });
  let seq = 1;
  const store = {
    snapshot,
    lastSeq: () => seq,
    reads: { nextHoldExpiresAt: () => null },
  } as unknown as Store;
  const deps = { store, ids, clock, isStopping: () => false } as unknown as Deps;
  const app = liveStockRoutes(deps);
  const sell = (sold: number): void => {
    seq += 1;
    snapshot.apply({ kind: 'stock', dropId: 1, items: [{ id: 1, stock: 1_000, held: 0, sold }] });
    clock.advance(STOCK_INTERVAL_MS);
  };
  const listen = async () => {
    const response = await app.request('/drops/one/stock');
    return (response.body as ReadableStream<Uint8Array>).getReader();
  };
  return { clock, sell, listen };
}

test('who takes nothing is let go, and the others hear on', async () => {
  const { clock, sell, listen } = openHub();
  const [slow, quick] = [await listen(), await listen()];
  await quick.read();
  for (let sold = 1; sold <= LISTENER_QUEUE_MESSAGES + 5; sold += 1) {
    sell(sold);
    const { value } = await quick.read();
    expect(new TextDecoder().decode(value)).toContain(`"sold":${sold}`);
  }
  await expect(slow.read()).rejects.toThrow('too slow');
  await quick.cancel();
  // With the last listener the hub's timers are gone.
  expect(clock.timers).toBe(0);
});

test('a silent drop is heard to be alive', async () => {
  const { clock, listen } = openHub();
  const reader = await listen();
  await reader.read();
  clock.advance(STOCK_HEARTBEAT_MS);
  expect(new TextDecoder().decode((await reader.read()).value)).toBe(': \n\n');
  await reader.cancel();
});
