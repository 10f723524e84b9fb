/** The hub of live stock: a slow client is disconnected, and its messages do not accumulate. */
import { expect, test } from 'vitest';
import { dropPresentation } from '../../../src/answers/representation.ts';
import { Snapshot } from '../../../src/database/snapshot.ts';
import { liveStockRoutes } from '../../../src/http/live-stock.ts';
import { createIds } from '../../../src/ids/ids.ts';
import {
  LISTENER_QUEUE_MESSAGES,
  LISTENERS_MAX,
  STOCK_HEARTBEAT_MS,
  STOCK_INTERVAL_MS,
} from '../../../src/limits.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { plainDrop } from '../../support/plain-drop.ts';

const noon = Date.UTC(2026, 0, 31, 12);
const ids = createIds('a-secret-of-thirty-two-characters');

function openHub(times: { startsAt?: number; endsAt?: number } = {}) {
  const clock = new FakeClock(noon);
  const snapshot = new Snapshot(dropPresentation(ids));
  snapshot.apply({ kind: 'catalogue', drops: [{ ...plainDrop, ...times }] });
  let seq = 1;
  let looks = 0;
  const nextHoldExpiresAt = (): number => {
    looks += 1;
    return noon + 60_000;
  };
  const stock = { snapshot, lastSeq: () => seq, nextHoldExpiresAt };
  const app = liveStockRoutes({ stock, ids, clock, isStopping: () => false, rateLimits: null });
  const commit = (counts: { held: number; sold: number }): void => {
    seq += 1;
    snapshot.apply({ kind: 'stock', dropId: 1, items: [{ id: 1, stock: 1_000, ...counts }] });
    clock.advance(STOCK_INTERVAL_MS);
  };
  const sell = (sold: number): void => commit({ held: 0, sold });
  const hold = (held: number): void => commit({ held, sold: 0 });
  const listen = async (lastEventId?: string) => {
    const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
    const response = await app.request('/drops/one/stock', { headers });
    return (response.body as ReadableStream<Uint8Array>).getReader();
  };
  /** The next message as text. */
  const waitFor = async (reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string> =>
    new TextDecoder().decode((await reader.read()).value);
  return { app, clock, sell, hold, listen, waitFor, looks: () => looks };
}

const idIn = (message: string): string => /^id: (.+)$/m.exec(message)?.[1] ?? '';

test('a listener that reads nothing is disconnected, and the others continue', async () => {
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
  // Without listeners the hub has no timers.
  expect(clock.timers).toBe(0);
});

test('a drop without changes sends heartbeats', async () => {
  const { clock, listen } = openHub();
  const reader = await listen();
  await reader.read();
  clock.advance(STOCK_HEARTBEAT_MS);
  expect(new TextDecoder().decode((await reader.read()).value)).toBe(': \n\n');
  await reader.cancel();
});

test('HEAD does not count as a listener', async () => {
  const { app, clock, listen, waitFor } = openHub();
  const received = await app.request('/drops/one/stock');
  await received.body?.cancel();
  for (let count = 0; count <= LISTENERS_MAX; count += 1) {
    const { status, headers, body } = await app.request('/drops/one/stock', { method: 'HEAD' });
    if (status !== 200 || body !== null) expect([status, body]).toEqual([200, null]);
    if (count === 0) expect([...headers]).toEqual([...received.headers]);
  }
  expect(clock.timers).toBe(0);
  const reader = await listen();
  expect(await waitFor(reader)).toContain('"phase":"live"');
  await reader.cancel();
  expect((await app.request('/drops/none/stock', { method: 'HEAD' })).status).toBe(404);
});

test.each([
  ['began', { startsAt: noon + 5_000 }, 'live'],
  ['ended', { endsAt: noon + 5_000 }, 'ended'],
])('a listener that reconnects after the drop %s receives the change', async (_, times, phase) => {
  const { clock, listen, waitFor } = openHub(times);
  const first = await listen();
  const known = idIn(await waitFor(first));
  await first.cancel();
  const same = await listen(known);
  expect(await waitFor(same)).toBe(': \n\n');
  await same.cancel();
  clock.advance(5_000);
  const back = await listen(known);
  const reported = await waitFor(back);
  expect(reported).toContain(`"phase":"${phase}"`);
  expect(idIn(reported)).toBe(`1-${phase}`);
  await back.cancel();
});

test('an event id without a phase gets the whole state again', async () => {
  const { listen, waitFor } = openHub();
  const reader = await listen('1');
  expect(idIn(await waitFor(reader))).toBe('1-live');
  await reader.cancel();
});

test('the next hold is queried once per change for all listeners, and never without holds', async () => {
  const { clock, sell, hold, listen, waitFor, looks } = openHub();
  const readers = [];
  for (let count = 0; count < 20; count += 1) readers.push(await listen());
  sell(1);
  expect(looks()).toBe(0);
  hold(1);
  for (let count = 0; count < 20; count += 1) readers.push(await listen());
  clock.advance(STOCK_HEARTBEAT_MS);
  expect(looks()).toBe(1);
  const last = readers.at(-1);
  expect(last && (await waitFor(last))).toContain(new Date(noon + 60_000).toISOString());
  hold(2);
  expect(looks()).toBe(2);
  await Promise.all(readers.map((reader) => reader.cancel()));
});
