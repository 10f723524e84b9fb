/** GET /orders/:id, POST /orders/:id/cancel and expiry: who sees an order, how units come back. */
import { describe, expect, it } from 'vitest';
import { type Answer, type Call, readJson } from '../support/client.ts';
import { runtimes, useServer } from '../support/contract-server.ts';
import { expectAnswer } from '../support/scenario.ts';
import { expectOrderShape, type OrderAnswer, type Purchase } from '../support/shapes.ts';
import { purchaseCall } from '../support/shop.ts';

/** Unauthorized requests for an order; `other` is another customer's purchase. */
const strangers: readonly { name: string; call: (mine: Purchase, other: Purchase) => Partial<Call> }[] = [
  { name: 'no token', call: () => ({}) },
  { name: 'another order’s token', call: (_mine, other) => ({ token: other.token }) },
  { name: 'a truncated token', call: (mine) => ({ token: mine.token.slice(0, -1) }) },
  { name: 'a longer token', call: (mine) => ({ token: `${mine.token}A` }) },
  { name: 'a token in another case', call: (mine) => ({ token: swapCase(mine.token) }) },
  { name: 'an empty token', call: () => ({ headers: { Authorization: 'Bearer ' } }) },
  { name: 'the token by Basic', call: (mine) => ({ headers: { Authorization: `Basic ${mine.token}` } }) },
  { name: 'the token without Bearer', call: (mine) => ({ headers: { Authorization: mine.token } }) },
  { name: 'the id as token', call: (mine) => ({ token: mine.order.id }) },
  { name: 'a token of 10,000 characters', call: () => ({ token: 'A'.repeat(10_000) }) },
];

const absentIds = ['absent', '1', '0', '-1', 'A'.repeat(500), '%00', '%ff', "x'--"];

const swapCase = (text: string): string =>
  [...text]
    .map((letter) => (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()))
    .join('');

/** What a client sees of an answer, without values that change by the second. */
function visible(answer: Answer): unknown {
  const { date, 'x-request-id': requestId, ...headers } = answer.headers;
  return { status: answer.status, headers, text: answer.text };
}

describe.each(runtimes)('orders on %s', (runtime) => {
  const shop = useServer(runtime);

  it.each([
    { method: 'GET', suffix: '' },
    { method: 'POST', suffix: '/cancel' },
  ])('$method /orders/:id$suffix answers foreign and absent orders alike, byte for byte', async (route) => {
    const drop = await shop.createDrop();
    const mine = await shop.buy(drop.id);
    const other = await shop.buy(drop.id);
    const before = await shop.stateOf(drop.id);
    const ask = (id: string, call: Partial<Call>): Promise<Answer> =>
      shop.send({ method: route.method, path: `/orders/${id}${route.suffix}`, ...call });
    const reference = await ask('absent', { token: mine.token });
    expectAnswer(reference, { status: 404, code: 'not_found' });
    for (const stranger of strangers) {
      const answer = await ask(mine.order.id, stranger.call(mine, other));
      expect(visible(answer), stranger.name).toEqual(visible(reference));
    }
    for (const id of [
      ...absentIds,
      `${mine.order.id}x`,
      mine.order.id.slice(0, -1),
      swapCase(mine.order.id),
    ]) {
      expect(visible(await ask(id, { token: mine.token })), id.slice(0, 20)).toEqual(visible(reference));
    }
    expect(await shop.stateOf(drop.id)).toBe(before);
  });

  it('shows an order to the holder of its token, uncached', async () => {
    const drop = await shop.createDrop();
    const mine = await shop.buy(drop.id);
    const answer = await shop.send({ path: `/orders/${mine.order.id}`, token: mine.token });
    expect([answer.status, readJson(answer)]).toEqual([
      200,
      { order: mine.order, payments: [], refunds: [] },
    ]);
    expect(answer.headers['cache-control']).toMatch(/no-store/);
    const lowerScheme = await shop.send({
      path: `/orders/${mine.order.id}`,
      headers: { Authorization: `bearer ${mine.token}` },
    });
    expect(lowerScheme.status).toBe(200);
  });

  it('frees the units of a cancelled order, once', async () => {
    const drop = await shop.createDrop();
    const mine = await shop.buy(drop.id, { quantity: 5 });
    expectAnswer(await shop.send(purchaseCall(drop.id)), { status: 409, code: 'sold_out' });
    const answer = await shop.cancel(mine);
    expect(answer.status, answer.text).toBe(200);
    const cancelled = readJson<OrderAnswer>(answer);
    const order = { ...mine.order, status: 'released', releaseReason: 'cancelled' };
    expect(cancelled).toEqual({ order, payments: [], refunds: [] });
    expectOrderShape(cancelled.order);
    const again = await shop.cancel(mine);
    expect([again.status, again.text]).toEqual([200, answer.text]);
    expect(await shop.order(mine)).toEqual(cancelled);
    expect((await shop.drop(drop.id)).items[0]).toMatchObject({ stock: 5, available: 5, held: 0, sold: 0 });
    await shop.buy(drop.id, { quantity: 5 });
  });

  it('cancels in a paused drop too', async () => {
    const drop = await shop.createDrop();
    const mine = await shop.buy(drop.id);
    await shop.patchDrop(drop.id, { paused: true });
    expect((await shop.cancel(mine)).status).toBe(200);
  });

  it('does not cancel what is paid', async () => {
    const drop = await shop.createDrop();
    const mine = await shop.buy(drop.id);
    await shop.pay(mine);
    const before = await shop.stateOf(drop.id);
    for (let attempt = 0; attempt < 2; attempt += 1) {
      expectAnswer(await shop.cancel(mine), { status: 409, code: 'already_paid' });
    }
    expect(await shop.stateOf(drop.id)).toBe(before);
  });

  // Concurrent, because all of these wait for the clock.
  describe.concurrent('after the hold', () => {
    it('sells the units of an expired hold to a late buyer', async () => {
      const drop = await shop.createDrop({
        holdSeconds: 1,
        items: [{ sku: 'one', name: 'One size', price: 1250, stock: 1 }],
      });
      const early = await shop.buy(drop.id, {}, crypto.randomUUID());
      const released = await shop.orderBecomes(early, 'released');
      const order = { ...early.order, status: 'released', releaseReason: 'expired' };
      expect(released).toEqual({ order, payments: [], refunds: [] });
      const open = await shop.dropBecomes(drop.id, 'live');
      expect([open.items[0]?.available, open.items[0]?.held]).toEqual([1, 0]);
      // The next hold must not expire on a slow machine.
      await shop.patchDrop(drop.id, { holdSeconds: 600 });
      const late = await shop.buy(drop.id);
      expect(late.order.status).toBe('held');
      const cancelledLate = await shop.cancel(early);
      expect(cancelledLate.status, cancelledLate.text).toBe(200);
      expect((await shop.drop(drop.id)).items[0]?.held).toBe(1);
    });

    it('keeps a paid order beyond the end of its hold', async () => {
      const drop = await shop.createDrop({ holdSeconds: 1 });
      const mine = await shop.buy(drop.id);
      await shop.pay(mine);
      // Once a later hold has expired, the first one's time is over too.
      await shop.orderBecomes(await shop.buy(drop.id), 'released');
      expect((await shop.order(mine)).order.status).toBe('paid');
      expect((await shop.drop(drop.id)).items[0]).toMatchObject({ available: 4, held: 0, sold: 1 });
    });
  });
});
