/** POST /payments/:provider/webhook: only signed bytes count, and only once. */
import { describe, expect, it } from 'vitest';
import type { Call } from '../support/client.ts';
import { runtimes, useServer } from '../support/contract-server.ts';
import { lostOrder } from '../support/lost-order.ts';
import { expectAnswer, runScenarios, type Scenario } from '../support/scenario.ts';
import type { OrderAnswer, Purchase } from '../support/shapes.ts';
import { type Shop, unique } from '../support/shop.ts';
import { paymentEvent, signedWebhook, webhookPath } from '../support/signed-webhook.ts';

type Delivery = Call & { headers: Record<string, string> };

const otherSecret = `whsec_${Buffer.from('another-secret-0123456789abcdef0').toString('base64')}`;

/** Changes to a valid delivery that invalidate its signature. */
const forgeries: readonly {
  name: string;
  forge: (valid: Delivery, secretKey: string, purchase: Purchase) => Call;
}[] = [
  { name: 'no headers', forge: ({ headers, ...call }) => call },
  ...['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => ({
    name: `no ${name}`,
    forge: (valid: Delivery): Call => ({
      ...valid,
      headers: Object.fromEntries(Object.entries(valid.headers).filter(([key]) => key !== name)),
    }),
  })),
  { name: 'another id', forge: (valid) => withHeader(valid, 'webhook-id', 'evt_other') },
  {
    name: 'another timestamp',
    forge: (valid) =>
      withHeader(valid, 'webhook-timestamp', String(Number(valid.headers['webhook-timestamp']) + 1)),
  },
  {
    name: 'another secret',
    forge: (_valid, secretKey, purchase) =>
      signedWebhook(secretKey, paymentEvent(purchase), { secret: otherSecret }),
  },
  ...['', 'v1,', 'v1', 'v2,abc', 'nonsense', `v1,${'A'.repeat(43)}=`, 'v1a,abc v1,def'].map((signature) => ({
    name: `signature ${JSON.stringify(signature.slice(0, 12))}`,
    forge: (valid: Delivery): Call => withHeader(valid, 'webhook-signature', signature),
  })),
  {
    name: 'a truncated signature',
    forge: (valid) =>
      withHeader(valid, 'webhook-signature', valid.headers['webhook-signature']?.slice(0, -2)),
  },
  {
    name: 'the signature under another version',
    forge: (valid) =>
      withHeader(valid, 'webhook-signature', valid.headers['webhook-signature']?.replace('v1,', 'v2,')),
  },
  ...[601, 86_400, -601, -86_400].map((ageSeconds) => ({
    name: `sent ${ageSeconds} seconds ago`,
    forge: (valid: Delivery, secretKey: string): Call =>
      signedWebhook(secretKey, String(valid.body), { ageSeconds }),
  })),
  ...['x', '', '1e9', '-1', '9'.repeat(20)].map((timestamp) => ({
    name: `timestamp ${JSON.stringify(timestamp)}`,
    forge: (valid: Delivery): Call => withHeader(valid, 'webhook-timestamp', timestamp),
  })),
  {
    name: 'another amount',
    forge: (valid) => ({ ...valid, body: String(valid.body).replace('1250', '1251') }),
  },
  { name: 'a space more', forge: (valid) => ({ ...valid, body: `${valid.body} ` }) },
  { name: 'a byte order mark more', forge: (valid) => ({ ...valid, body: `\ufeff${valid.body}` }) },
  {
    name: 'a body serialized again',
    forge: (valid) => ({ ...valid, body: JSON.stringify(JSON.parse(String(valid.body)), null, 1) }),
  },
  { name: 'an empty body', forge: (valid) => ({ ...valid, body: '' }) },
];

/** Signed messages without a meaning here. */
const meaningless: readonly { name: string; body: (purchase: Purchase) => string }[] = [
  { name: 'not JSON', body: () => 'paid' },
  { name: 'an empty message', body: () => '{}' },
  { name: 'null', body: () => 'null' },
  { name: 'an unknown type', body: (purchase) => paymentEvent(purchase, 'payment.invented') },
  {
    name: 'a negative amount',
    body: (purchase) => paymentEvent(purchase, 'payment.paid', { amount: -1250 }),
  },
  { name: 'a broken amount', body: (purchase) => paymentEvent(purchase, 'payment.paid', { amount: 1250.5 }) },
  {
    name: 'an amount as text',
    body: (purchase) => paymentEvent(purchase, 'payment.paid', { amount: '1250' }),
  },
  { name: 'no order', body: (purchase) => paymentEvent(purchase, 'payment.paid', { order: null }) },
];

function withHeader(call: Delivery, name: string, value = ''): Delivery {
  return { ...call, headers: { ...call.headers, [name]: value } };
}

async function refusedScenario(
  shop: Shop,
  dropId: string,
  make: (purchase: Purchase) => Call,
): Promise<Call> {
  return make(await shop.buy(dropId));
}

const refusals: readonly Scenario[] = [
  ...forgeries.map(
    ({ name, forge }): Scenario => ({
      name: `refuses ${name}`,
      request: (drop, shop) =>
        refusedScenario(shop, drop.id, (purchase) => {
          const { secretKey } = shop.server;
          return forge(signedWebhook(secretKey, paymentEvent(purchase)), secretKey, purchase);
        }),
      status: 401,
      code: 'bad_signature',
    }),
  ),
  ...meaningless.map(
    ({ name, body }): Scenario => ({
      name: `refuses ${name}, though signed`,
      request: (drop, shop) =>
        refusedScenario(shop, drop.id, (purchase) => signedWebhook(shop.server.secretKey, body(purchase))),
      status: [400, 422],
      code: ['malformed', 'invalid'],
    }),
  ),
  ...['absent', 'Sandbox', '%00', '__proto__'].map(
    (provider): Scenario => ({
      name: `knows no provider ${provider}`,
      request: (drop, shop) =>
        refusedScenario(shop, drop.id, (purchase) => ({
          ...signedWebhook(shop.server.secretKey, paymentEvent(purchase)),
          path: `/payments/${provider}/webhook`,
        })),
      status: 404,
      code: 'not_found',
    }),
  ),
  ...[true, false].map(
    (chunked): Scenario => ({
      name: `refuses 1 MB${chunked ? ' in chunks' : ''}`,
      request: (_drop, shop) => ({ ...signedWebhook(shop.server.secretKey, 'x'.repeat(1_048_576)), chunked }),
      status: 413,
      code: 'too_large',
    }),
  ),
  {
    name: 'has no order that was lost to pay',
    request: (drop, shop) =>
      refusedScenario(shop, drop.id, (purchase) => {
        const order = lostOrder(shop.server.secretKey);
        return signedWebhook(shop.server.secretKey, paymentEvent(purchase, 'payment.paid', { order }));
      }),
    status: [200, 404],
    code: 'not_found',
  },
];

describe.each(runtimes)('webhooks on %s', (runtime) => {
  const shop = useServer(runtime);
  const signed: (body: string, signing?: Parameters<typeof signedWebhook>[2]) => Delivery = (body, signing) =>
    signedWebhook(shop.server.secretKey, body, signing);

  async function deliver(call: Call): Promise<void> {
    const answer = await shop.send(call);
    expect(answer.status, answer.text).toBeGreaterThanOrEqual(200);
    expect(answer.status, answer.text).toBeLessThan(300);
  }

  const outline = ({ order, payments, refunds }: OrderAnswer): unknown => [
    order.status,
    payments.map(({ status, amount }) => `${status} ${amount}`),
    refunds.map(({ status, amount }) => `${status} ${amount}`),
  ];

  it('sells the units of a paid order, and has committed it when it answers', async () => {
    const drop = await shop.createDrop();
    const mine = await shop.buy(drop.id, { quantity: 2 });
    await deliver(signed(paymentEvent(mine)));
    expect(outline(await shop.order(mine))).toEqual(['paid', ['paid 2500'], []]);
    expect((await shop.drop(drop.id)).items[0]).toMatchObject({ available: 3, held: 0, sold: 2 });
  });

  it.each([
    { name: 'sent 200 seconds ago', signing: { ageSeconds: 200 } },
    { name: 'from a clock 200 seconds ahead', signing: { ageSeconds: -200 } },
  ])('accepts a webhook $name', async ({ signing }) => {
    const mine = await shop.buy((await shop.createDrop()).id);
    await deliver(signed(paymentEvent(mine), signing));
    expect((await shop.order(mine)).order.status).toBe('paid');
  });

  it('accepts one valid signature among others', async () => {
    const mine = await shop.buy((await shop.createDrop()).id);
    const call = signed(paymentEvent(mine));
    const several = `v1,${'A'.repeat(43)}= ${call.headers['webhook-signature']} v2,abc`;
    await deliver(withHeader(call, 'webhook-signature', several));
    expect((await shop.order(mine)).order.status).toBe('paid');
  });

  it('verifies the bytes as they came, however they are written', async () => {
    const mine = await shop.buy((await shop.createDrop()).id);
    const spaced = JSON.stringify(JSON.parse(paymentEvent(mine)), null, 2).replace('pmt_', '\\u0070mt_');
    await deliver(signed(`\n${spaced}\n`));
    expect((await shop.order(mine)).order.status).toBe('paid');
  });

  it('counts a repeated event once, also when it arrives four times at once or with a new signature', async () => {
    const drop = await shop.createDrop();
    const mine = await shop.buy(drop.id);
    const id = `evt_${unique()}`;
    const body = paymentEvent(mine);
    const call = signed(body, { id });
    await Promise.all([call, call, call, call].map(deliver));
    const once = await shop.stateOf(drop.id);
    await deliver(call);
    await deliver(signed(body, { id, ageSeconds: 30 }));
    expect(await shop.stateOf(drop.id)).toBe(once);
    expect(outline(await shop.order(mine))).toEqual(['paid', ['paid 1250'], []]);
  });

  it('leaves a declined order held', async () => {
    const drop = await shop.createDrop();
    const mine = await shop.buy(drop.id);
    await deliver(signed(paymentEvent(mine, 'payment.declined')));
    const shown = await shop.order(mine);
    expect([shown.order, shown.refunds]).toEqual([mine.order, []]);
    expect((await shop.drop(drop.id)).items[0]).toMatchObject({ held: 1, sold: 0 });
  });

  it.each([
    { name: 'too little', data: { amount: 1249 }, refund: 1249 },
    { name: 'too much', data: { amount: 1251 }, refund: 1251 },
    { name: 'another currency', data: { currency: 'USD' }, refund: 1250 },
  ])('sells nothing for $name, and refunds it', async ({ data, refund }) => {
    const drop = await shop.createDrop();
    const mine = await shop.buy(drop.id);
    await deliver(signed(paymentEvent(mine, 'payment.paid', data)));
    const shown = await shop.order(mine);
    expect(shown.order.status).toBe('held');
    // Pending or sent.
    expect(shown.refunds.map(({ amount }) => amount)).toEqual([refund]);
    expect((await shop.drop(drop.id)).items[0]).toMatchObject({ held: 1, sold: 0 });
    await deliver(signed(paymentEvent(mine)));
    expect((await shop.order(mine)).order.status).toBe('paid');
  });

  it('refuses GET', async () => {
    expectAnswer(await shop.send({ path: webhookPath }), { status: 405, code: 'method_not_allowed' });
  });

  runScenarios(shop, refusals);
});
