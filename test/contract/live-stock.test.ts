/** GET /drops/:id/stock: the stock, then its changes, batched and numbered, until the drop ends. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { machines, runtimes, useServer } from '../support/contract-server.ts';
import { earlyEnough } from '../support/early-enough.ts';
import { EventStream } from '../support/event-stream.ts';
import { expectAnswer } from '../support/scenario.ts';
import { startServer } from '../support/server-process.ts';
import { isoFromNow, Shop, until } from '../support/shop.ts';

const items = (stock: number) => [{ sku: 'one', name: 'One', price: 1250, stock }];

describe.each(runtimes)('live stock on %s', (runtime) => {
  const shop = useServer(runtime);
  const listen = async (drop: string, lastEventId?: string) => {
    const stream = await new EventStream().open(`${shop.server.url}/drops/${drop}/stock`, lastEventId);
    onTestFinished(() => stream.close());
    return stream;
  };

  test('starts with the current stock, and continues with its changes', async () => {
    const drop = await shop.createDrop({ items: items(5) });
    const stream = await listen(drop.slug);
    const first = await stream.waitFor(() => true);
    expect(first).toEqual({
      event: 'stock',
      id: expect.stringMatching(/^\d+-live$/),
      data: {
        dropId: drop.id,
        phase: 'live',
        items: [{ sku: 'one', available: 5, held: 0, sold: 0 }],
        nextHoldExpiresAt: null,
      },
    });
    const purchase = await shop.buy(drop.id);
    const held = await stream.waitFor(({ data }) => data.items[0]?.held === 1);
    expect(held?.data.nextHoldExpiresAt).toBe(purchase.order.holdExpiresAt);
    await shop.pay(purchase);
    const sold = await stream.waitFor(({ data }) => data.items[0]?.sold === 1);
    expect(sold?.data).toMatchObject({ items: [{ available: 4, held: 0 }], nextHoldExpiresAt: null });
    const seqs = stream.received.map(({ id }) => Number.parseInt(id, 10));
    expect(seqs).toEqual(seqs.toSorted((one, other) => one - other));
    expect(new Set(seqs).size).toBe(seqs.length);
  });

  test('resumes after a disconnect, without repeating what the client knows', async () => {
    const drop = await shop.createDrop({ items: items(5) });
    const first = await listen(drop.id);
    const known = await first.waitFor(() => true);
    const same = await listen(drop.id, known?.id);
    await until(
      async () => same.heartbeats,
      (count) => count > 0,
    );
    expect(same.received).toEqual([]);
    await shop.buy(drop.id);
    await same.waitFor(({ data }) => data.items[0]?.held === 1);
    const behind = await listen(drop.id, known?.id);
    expect((await behind.waitFor(() => true))?.data.items[0]?.held).toBe(1);
  });

  test('batches concurrent changes', async () => {
    const drop = await shop.createDrop({ items: items(60) });
    const stream = await listen(drop.id);
    await stream.waitFor(() => true);
    const startMs = performance.now();
    await Promise.all(Array.from({ length: 60 }, () => shop.buy(drop.id)));
    await stream.waitFor(({ data }) => data.phase === 'sold_out');
    // At most ten a second, and the first.
    expect(stream.received.length).toBeLessThanOrEqual(2 + Math.ceil((performance.now() - startMs) / 100));
  });

  test('sends changes by the clock, and ends with the drop', async () => {
    const stream = await earlyEnough(async (leadMs) => {
      const drop = await shop.createDrop({ startsAt: isoFromNow(leadMs), endsAt: isoFromNow(2 * leadMs) });
      const stream = await listen(drop.id);
      const first = await stream.waitFor(() => true);
      return first?.data.phase === 'scheduled' ? stream : null;
    });
    for (const phase of ['scheduled', 'live', 'ended'])
      await stream.waitFor(({ data }) => data.phase === phase);
    await until(async () => stream.hasEnded, Boolean);
    expect(stream.received.map(({ data }) => data.phase)).toEqual(['scheduled', 'live', 'ended']);
  });

  test('does not exist for drafts, nor without a drop', async () => {
    const draft = await shop.createDrop({ publish: false });
    for (const name of [draft.id, draft.slug, 'none']) {
      expectAnswer(await shop.send({ path: `/drops/${name}/stock` }), { status: 404, code: 'not_found' });
    }
  });

  test('answers HEAD with the headers of a stream, and keeps serving its clients', async () => {
    const drop = await shop.createDrop({ items: items(5) });
    const path = `/drops/${drop.id}/stock`;
    const stream = await listen(drop.id);
    for (let count = 0; count < 100; count += 1) {
      const { status, headers, text } = await shop.send({ method: 'HEAD', path });
      expect([status, text, headers['cache-control']]).toEqual([200, '', 'no-store']);
      expect(headers['content-type']).toMatch(/^text\/event-stream/);
    }
    await shop.buy(drop.id);
    await stream.waitFor(({ data }) => data.items[0]?.held === 1);
    expect((await fetch(`${shop.server.url}/drops/none/stock`, { method: 'HEAD' })).status).toBe(404);
  });
});

describe.each(machines)('a stop of the server on %s', (runtime) => {
  test('finishes each stream itself, before it cuts off what is still open', async () => {
    const shop = new Shop();
    shop.open(await startServer({ runtime }));
    const drop = await shop.createDrop();
    const stream = await new EventStream().open(`${shop.server.url}/drops/${drop.id}/stock`);
    await stream.waitFor(() => true);
    expect(await shop.server.stop()).toEqual({ code: 0, signal: null });
    await until(async () => stream.hasEnded, Boolean);
    // The deadline of a stop would cut the connection instead.
    expect(stream.end).toBe('finished');
  });
});
