/** An operator's write with an Idempotency-Key runs once, also when retried after a restart. */
import { describe, expect, test } from 'vitest';
import { type Call, readJson } from '../support/client.ts';
import { machines, restart, runtimes, useServer } from '../support/contract-server.ts';
import { databaseFilesOf, readEach } from '../support/database-files.ts';
import { addOperator } from '../support/operator-command.ts';
import { useOutsideMoney } from '../support/outside-money.ts';
import { expectAnswer } from '../support/scenario.ts';
import type { Purchase } from '../support/shapes.ts';
import { refundFails } from '../support/stripe-movements.ts';

const withKey = (call: Call, key: string): Call => ({ ...call, headers: { 'Idempotency-Key': key } });
const restock = (dropId: string, quantity = 5): Call => ({
  method: 'POST',
  path: `/admin/drops/${dropId}/restock`,
  json: { sku: 'one', quantity },
});

describe.each(runtimes)('an operator’s key on %s', (runtime) => {
  const shop = useServer(runtime);
  const stockOf = async (dropId: string) => (await shop.drop(dropId)).items[0]?.stock;

  test('adds the units of a restock once, and again without a key or under another one', async () => {
    const { id } = await shop.createDrop();
    const [call, key] = [restock(id), crypto.randomUUID()];
    const first = await shop.admin(withKey(call, key));
    expect([first.status, first.headers['idempotency-replayed']]).toEqual([200, undefined]);
    for (let repetition = 0; repetition < 2; repetition += 1) {
      const again = await shop.admin(withKey(call, key));
      expect([again.status, again.text, again.headers['idempotency-replayed']]).toEqual([
        200,
        first.text,
        'true',
      ]);
    }
    expect(await stockOf(id)).toBe(10);
    await shop.admin(call);
    await shop.admin(withKey(call, crypto.randomUUID()));
    expect(await stockOf(id)).toBe(20);
  });

  test('adds the units of four concurrent requests once', async () => {
    const { id } = await shop.createDrop();
    const call = withKey(restock(id), crypto.randomUUID());
    const answers = await Promise.all([call, call, call, call].map((each) => shop.admin(each)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(answers.filter(({ headers }) => headers['idempotency-replayed'] === 'true')).toHaveLength(3);
    expect(await stockOf(id)).toBe(10);
  });

  test('belongs to one request: another drop, item, number or write is refused', async () => {
    const [{ id, slug }, other] = [await shop.createDrop(), await shop.createDrop()];
    const key = crypto.randomUUID();
    expect((await shop.admin(withKey(restock(id), key))).status).toBe(200);
    const others: Call[] = [
      restock(id, 6),
      { method: 'PATCH', path: `/admin/drops/${id}`, json: { paused: true } },
      { method: 'POST', path: `/admin/drops/${id}/close` },
      // At the edge a key belongs to a drop: objects do not know each other.
      ...(runtime === 'workerd' ? [] : [restock(other.id)]),
    ];
    for (const call of others)
      expectAnswer(await shop.admin(withKey(call, key)), { status: 422, code: 'key_reused' });
    expect((await shop.admin(withKey(restock(slug), key))).headers['idempotency-replayed']).toBe('true');
    expect(await stockOf(id)).toBe(10);
    expect((await shop.drop(id)).phase).toBe('live');
  });

  test('is not used up by a refusal', async () => {
    const { id } = await shop.createDrop();
    const call = withKey(restock(id, -6), crypto.randomUUID());
    expectAnswer(await shop.admin(call), { status: 422, code: 'stock_below_sold' });
    await shop.admin(restock(id));
    const later = await shop.admin(call);
    expect([later.status, later.headers['idempotency-replayed'], await stockOf(id)]).toEqual([
      200,
      undefined,
      4,
    ]);
  });

  test('does not undo a later edit by a late retry', async () => {
    const { id } = await shop.createDrop();
    const pause: Call = withKey(
      { method: 'PATCH', path: `/admin/drops/${id}`, json: { paused: true } },
      crypto.randomUUID(),
    );
    expect((await shop.admin(pause)).status).toBe(200);
    await shop.patchDrop(id, { paused: false });
    const again = await shop.admin(pause);
    expect([again.status, again.headers['idempotency-replayed']]).toEqual([200, 'true']);
    expect((await shop.drop(id)).phase).toBe('live');
    const close: Call = withKey({ method: 'POST', path: `/admin/drops/${id}/close` }, crypto.randomUUID());
    expect((await shop.admin(close)).status).toBe(200);
    await shop.patchDrop(id, { endsAt: null });
    expect((await shop.admin(close)).headers['idempotency-replayed']).toBe('true');
    expect((await shop.drop(id)).phase).toBe('live');
  });

  test('fulfils and refunds an order once, and answers a retry like the first request', async () => {
    const { id } = await shop.createDrop();
    const bought = async () => {
      const purchase = await shop.buy(id);
      await shop.pay(purchase);
      return `/admin/orders/${purchase.order.id}`;
    };
    const [sent, returned] = [await bought(), await bought()];
    const fulfil = withKey(
      { method: 'POST', path: `${sent}/fulfil`, json: { trackingCode: 'A' } },
      crypto.randomUUID(),
    );
    const refund = withKey(
      { method: 'POST', path: `${returned}/refund`, json: { restock: false } },
      crypto.randomUUID(),
    );
    for (const call of [fulfil, refund]) expect((await shop.admin(call)).status).toBe(200);
    await shop.admin({ method: 'POST', path: `${sent}/fulfil`, json: { trackingCode: 'B' } });
    for (const call of [fulfil, refund]) {
      const again = await shop.admin(call);
      expect([again.status, again.headers['idempotency-replayed']], again.text).toEqual([200, 'true']);
      expectAnswer(await shop.admin({ ...call, json: {} }), { status: 422, code: 'key_reused' });
    }
    expect((await shop.admin({ path: sent })).text).toContain('"trackingCode":"B"');
    expect(await stockOf(id)).toBe(4);
  });

  test('must have the length of a purchase’s key', async () => {
    const { id } = await shop.createDrop();
    for (const call of [restock(id), { method: 'POST', path: `/admin/drops/${id}/close` }] as Call[])
      expectAnswer(await shop.admin(withKey(call, 'restock')), {
        status: 422,
        code: 'invalid',
        paths: ['Idempotency-Key'],
      });
    expect(await stockOf(id)).toBe(5);
  });

  test('is remembered across a restart, and is in no byte of the file', async () => {
    const { id } = await shop.createDrop();
    const key = crypto.randomUUID();
    expect((await shop.admin(withKey(restock(id), key))).status).toBe(200);
    await restart(shop, runtime);
    const again = await shop.admin(withKey(restock(id), key));
    expect([again.status, again.headers['idempotency-replayed']]).toEqual([200, 'true']);
    expect(await stockOf(id)).toBe(10);
    expect(databaseFilesOf(shop.server).length).toBeGreaterThan(0);
    const keys = readEach(shop.server, (file) => file.prepare('select key from operator_keys').pluck().all());
    expect(keys.length).toBeGreaterThan(0);
    expect(keys).not.toContain(key);
  });
});

describe.each(machines)('an operator’s key on %s', (runtime) => {
  const shop = useServer(runtime);

  test('belongs to one operator', async () => {
    const { id } = await shop.createDrop();
    const { token } = addOperator(runtime, shop.server.databaseFile, 'eve', ['drops:write']);
    const call = withKey(restock(id), crypto.randomUUID());
    for (const each of [call, { ...call, token }]) {
      const answer = await shop.admin(each);
      expect([answer.status, answer.headers['idempotency-replayed']], answer.text).toEqual([200, undefined]);
    }
    expect((await shop.drop(id)).items[0]?.stock).toBe(15);
  });
});

describe.each(runtimes)('an operator’s key for a failed refund on %s', (runtime) => {
  const { shop, stripe, sell, report, stateOf } = useOutsideMoney(runtime);
  const failed = async (): Promise<{ purchase: Purchase; path: string }> => {
    const { purchase, payment } = await sell();
    await shop.admin({ method: 'POST', path: `/admin/orders/${purchase.order.id}/refund` });
    await shop.orderBecomes(purchase, 'refunded');
    const made = stripe.refunds.find((refund) => refund.payment_intent === payment.id);
    if (!made) throw new Error('Stripe has no refund.');
    await report(refundFails(stripe, made));
    const list = await shop.admin({ path: '/admin/refunds' });
    const { refunds } = readJson<{ refunds: { id: string; orderId: string }[] }>(list);
    const id = refunds.find(({ orderId }) => orderId === purchase.order.id)?.id;
    return { purchase, path: `/admin/refunds/${id}` };
  };

  test.each(['retry', 'settle'] as const)('does its %s once', async (action) => {
    const { purchase, path } = await failed();
    const json = action === 'settle' ? { json: { note: 'Transfer 4711' } } : {};
    const call = withKey({ method: 'POST', path: `${path}/${action}`, ...json }, crypto.randomUUID());
    const first = await shop.admin(call);
    expect([first.status, first.headers['idempotency-replayed']], first.text).toEqual([200, undefined]);
    await shop.orderBecomes(purchase, 'refunded');
    const again = await shop.admin(call);
    expect([again.status, again.text, again.headers['idempotency-replayed']]).toEqual([
      200,
      first.text,
      'true',
    ]);
    expect((await stateOf(purchase)).status).toBe('refunded');
    const other: Call =
      action === 'settle'
        ? { ...call, json: { note: 'Other' } }
        : { ...call, path: `${path}/settle`, json: { note: 'Other' } };
    expectAnswer(await shop.admin(other), { status: 422, code: 'key_reused' });
    const reused: Call = { ...call, path: `${path}/retry` };
    if (action === 'settle') expectAnswer(await shop.admin(reused), { status: 422, code: 'key_reused' });
    expectAnswer(await shop.admin(withKey({ method: 'POST', path: `${path}/retry` }, 'retry')), {
      status: 422,
      code: 'invalid',
    });
  });
});
