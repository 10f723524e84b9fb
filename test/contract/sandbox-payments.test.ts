/** The sandbox's page at /pay/:id: every payment, repeated or late, gets a unit or a refund. */
import { describe, expect, it } from 'vitest';
import { type Call, readJson } from '../support/client.ts';
import { runtimes, useServer } from '../support/contract-server.ts';
import { expectAnswer, runScenarios, type Scenario } from '../support/scenario.ts';
import type { OrderAnswer } from '../support/shapes.ts';
import { customer, payPath } from '../support/shop.ts';

const oneUnit = { holdSeconds: 1, items: [{ sku: 'one', name: 'One size', price: 1250, stock: 1 }] };

/** Bodies that the payment page rejects. */
const absurd: readonly (Partial<Call> & { name: string })[] = [
  { name: 'an unknown outcome', json: { outcome: 'refunded' } },
  { name: 'no outcome', json: {} },
  { name: 'an outcome of another type', json: { outcome: ['paid'] } },
  { name: 'an outcome of null', json: { outcome: null } },
  { name: 'a form with an unknown outcome', form: { outcome: 'PAID' } },
  { name: 'an empty form', form: {} },
];

const refusals: readonly Scenario[] = [
  ...absurd.map(
    ({ name, ...call }): Scenario => ({
      name: `refuses ${name}`,
      request: async (drop, shop) => ({ method: 'POST', path: payPath(await shop.buy(drop.id)), ...call }),
      status: 422,
      code: 'invalid',
      paths: ['outcome'],
    }),
  ),
  {
    name: 'refuses an unknown key',
    request: async (drop, shop) => ({
      method: 'POST',
      path: payPath(await shop.buy(drop.id)),
      json: { outcome: 'paid', amount: 1 },
    }),
    status: 422,
    code: 'invalid',
    paths: ['amount'],
  },
  ...[true, false].map(
    (chunked): Scenario => ({
      name: `refuses a form of 1 MB${chunked ? ' in chunks' : ''}`,
      request: async (drop, shop) => ({
        method: 'POST',
        path: payPath(await shop.buy(drop.id)),
        form: { outcome: 'paid', filler: 'x'.repeat(1_048_576) },
        chunked,
      }),
      status: 413,
      code: 'too_large',
    }),
  ),
  ...['absent', '%00', 'x'.repeat(500)].flatMap((ref): Scenario[] => [
    {
      name: `has no page ${ref.slice(0, 6)}`,
      request: () => ({ path: `/pay/${ref}` }),
      status: 404,
      code: 'not_found',
    },
    {
      name: `takes no payment at ${ref.slice(0, 6)}`,
      request: () => ({ method: 'POST', path: `/pay/${ref}`, json: { outcome: 'paid' } }),
      status: 404,
      code: 'not_found',
    },
  ]),
];

/** The contract sets no time for a refund: pending and sent count as the same here. */
const onItsWay = (status: string): string =>
  status.replace('sent', 'pending').replace('refunded', 'refunding');

/** Statuses and amounts of payments and refunds. */
function money({ payments, refunds }: OrderAnswer): unknown {
  return {
    payments: payments.map(({ status, amount }) => [status, amount]),
    refunds: refunds.map(({ status, amount }) => [onItsWay(status), amount]),
  };
}

const paidOnce = { payments: [['paid', 1250]], refunds: [] };
const paidBack = { payments: [['paid', 1250]], refunds: [['pending', 1250]] };

describe.each(runtimes)('sandbox payments on %s', (runtime) => {
  const shop = useServer(runtime);

  it('shows a page with a choice for a browser', async () => {
    const mine = await shop.buy((await shop.createDrop()).id);
    const page = await shop.send({ path: payPath(mine) });
    expect(page.status).toBe(200);
    expect(page.headers['content-type']).toMatch(/^text\/html\b/);
    for (const part of ['<form', 'paid', 'declined']) expect(page.text).toContain(part);
    expect(page.text).not.toContain(mine.token);
    expect(page.text.toLowerCase()).not.toContain('canary');
  });

  it('pays by JSON: 200, and the units are sold', async () => {
    const drop = await shop.createDrop();
    const mine = await shop.buy(drop.id, { quantity: 2 });
    await shop.pay(mine);
    const shown = await shop.order(mine);
    expect(shown.order).toEqual({ ...mine.order, status: 'paid' });
    expect(money(shown)).toEqual({ payments: [['paid', 2500]], refunds: [] });
    expect((await shop.drop(drop.id)).items[0]).toMatchObject({ available: 3, held: 0, sold: 2 });
  });

  it('pays by form: 303 to the order page', async () => {
    const drop = await shop.createDrop();
    const mine = await shop.buy(drop.id);
    const answer = await shop.send({ method: 'POST', path: payPath(mine), form: { outcome: 'paid' } });
    expect(answer.status, answer.text).toBe(303);
    const target = new URL(answer.headers.location ?? '', shop.server.url);
    expect([target.origin, target.pathname]).toEqual([shop.server.url, `/o/${mine.order.id}`]);
    expect((await shop.order(mine)).order.status).toBe('paid');
  });

  it('leaves a declined order held, to be paid after all', async () => {
    const drop = await shop.createDrop();
    const mine = await shop.buy(drop.id);
    await shop.pay(mine, 'declined');
    const declined = await shop.order(mine);
    expect(declined.order).toEqual(mine.order);
    expect(declined.refunds).toEqual([]);
    expect(declined.payments.filter(({ status }) => status === 'paid')).toEqual([]);
    expect((await shop.drop(drop.id)).items[0]).toMatchObject({ available: 4, held: 1, sold: 0 });
    await shop.pay(mine);
    expect((await shop.order(mine)).order.status).toBe('paid');
  });

  it('keeps a paid order paid when a decline comes after', async () => {
    const mine = await shop.buy((await shop.createDrop()).id);
    await shop.pay(mine);
    await shop.pay(mine, 'declined');
    const shown = await shop.order(mine);
    expect([shown.order.status, shown.refunds]).toEqual(['paid', []]);
  });

  it('refunds the second of two payments', async () => {
    const drop = await shop.createDrop();
    const mine = await shop.buy(drop.id);
    await shop.pay(mine);
    await shop.pay(mine);
    const shown = await shop.order(mine);
    expect(shown.order.status).toBe('paid');
    expect(money(shown)).toEqual({
      payments: [...paidOnce.payments, ...paidOnce.payments],
      refunds: [['pending', 1250]],
    });
    expect((await shop.drop(drop.id)).items[0]).toMatchObject({ held: 0, sold: 1 });
  });

  it('refunds a late payment that exceeds the customer’s limit', async () => {
    const buyer = customer();
    const drop = await shop.createDrop({ perCustomer: 1 });
    const cancelled = await shop.buy(drop.id, { customer: buyer });
    await shop.cancel(cancelled);
    const kept = await shop.buy(drop.id, { customer: buyer });
    await shop.pay(cancelled);
    const shown = await shop.order(cancelled);
    expect([onItsWay(shown.order.status), money(shown)]).toEqual(['refunding', paidBack]);
    expect((await shop.order(kept)).order.status).toBe('held');
    expect((await shop.drop(drop.id)).items[0]).toMatchObject({ held: 1, sold: 0 });
  });

  it('treats a payment for a cancelled order as late', async () => {
    const drop = await shop.createDrop();
    const mine = await shop.buy(drop.id);
    await shop.cancel(mine);
    await shop.pay(mine);
    expect((await shop.order(mine)).order.status).toBe('paid');
    expectAnswer(await shop.cancel(mine), { status: 409, code: 'already_paid' });
  });

  it('accepts payments in a paused or ended drop', async () => {
    const drop = await shop.createDrop();
    const mine = await shop.buy(drop.id);
    await shop.patchDrop(drop.id, { paused: true, endsAt: new Date(Date.now() - 1_000).toISOString() });
    await shop.pay(mine);
    expect((await shop.order(mine)).order.status).toBe('paid');
  });

  it('answers JSON with the payment’s outcome', async () => {
    const mine = await shop.buy((await shop.createDrop()).id);
    const answer = await shop.pay(mine);
    expect(answer.headers['content-type']).toMatch(/^application\/json\b/);
    expect(readJson(answer)).toEqual(expect.any(Object));
  });

  // Concurrent, because all of these wait for the clock.
  describe.concurrent('after the hold', () => {
    it('sells a unit to a late payment while one is free', async () => {
      const drop = await shop.createDrop(oneUnit);
      const mine = await shop.buy(drop.id);
      await shop.orderBecomes(mine, 'released');
      await shop.pay(mine);
      const shown = await shop.order(mine);
      expect([shown.order.status, money(shown)]).toEqual(['paid', paidOnce]);
      expect(await shop.drop(drop.id)).toMatchObject({ phase: 'sold_out', items: [{ held: 0, sold: 1 }] });
    });

    it('pays by itself after the hold expired at the buyer’s request', async () => {
      const drop = await shop.createDrop(oneUnit);
      const mine = await shop.buy(drop.id);
      const answer = await shop.send({ method: 'POST', path: payPath(mine), form: { outcome: 'paid_late' } });
      expect(answer.status, answer.text).toBe(303);
      const shown = await shop.orderBecomes(mine, 'paid');
      expect(money(shown)).toEqual(paidOnce);
      // By the server's own clock, whenever this test reads it.
      expect(Date.parse(shown.payments[0]?.createdAt ?? '')).toBeGreaterThanOrEqual(
        Date.parse(mine.order.holdExpiresAt),
      );
    });

    it('refunds a late payment when the units are gone', async () => {
      const drop = await shop.createDrop(oneUnit);
      const mine = await shop.buy(drop.id);
      await shop.orderBecomes(mine, 'released');
      await shop.dropBecomes(drop.id, 'live');
      const next = await shop.buy(drop.id);
      await shop.pay(next);
      await shop.pay(mine);
      const shown = await shop.order(mine);
      expect([onItsWay(shown.order.status), money(shown)]).toEqual(['refunding', paidBack]);
      expect((await shop.drop(drop.id)).items[0]).toMatchObject({ stock: 1, held: 0, sold: 1 });
      expect((await shop.order(next)).order.status).toBe('paid');
    });
  });

  describe('refusals', () => {
    runScenarios(shop, refusals);
  });
});
