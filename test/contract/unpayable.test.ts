/** Prices that a provider can't charge: never published or held; sales end if only it knows. */
import { describe, expect, test } from 'vitest';
import type { Answer } from '../support/client.ts';
import { runtimes } from '../support/contract-server.ts';
import { signedIn } from '../support/dashboard-visitor.ts';
import type { AdminDrop, Purchase } from '../support/shapes.ts';
import { dropBody, purchaseCall, until } from '../support/shop.ts';
import { StripeShop, useStripeShop } from '../support/stripe-shop.ts';

const priced = (price: number) => [{ sku: 'one', name: 'One size', price, stock: 500 }];
const errorsOf = ({ status, text }: Answer): { status: number; path?: string; message?: string } => {
  const [first] = (JSON.parse(text) as { errors?: { path: string; message: string }[] }).errors ?? [];
  return { status, ...first };
};

/** The payment page as a browser gets it. */
async function payPageOf({ payment }: Purchase): Promise<{ status: number; text: string }> {
  const page = await fetch(payment.url, { redirect: 'manual' });
  return { status: page.status, text: await page.text() };
}

describe.each(runtimes)('publishing on %s', (runtime) => {
  const shop = useStripeShop(runtime);
  const create = (changes: Record<string, unknown>): Promise<Answer> =>
    shop.admin({ method: 'POST', path: '/admin/drops', json: dropBody(changes) });
  const patch = (id: string, json: Record<string, unknown>): Promise<Answer> =>
    shop.admin({ method: 'PATCH', path: `/admin/drops/${id}`, json });

  test.each([
    ['EUR', 30, /stripe charges 0\.50 EUR to 999999\.99 EUR/],
    ['EUR', 100_000_000, /stripe charges 0\.50 EUR to 999999\.99 EUR/],
    ['HUF', 12_900, /stripe charges 175\.00 HUF/],
    ['KWD', 5_124, /in multiples of 0\.010/],
    ['ISK', 1_000_000, /stripe charges 1 ISK to 999999 ISK/],
    ['IRR', 5_000, /stripe does not accept IRR/],
  ])('%s %i is refused with the bound', async (currency, price, message) => {
    const refused = errorsOf(await create({ currency, items: priced(price) }));
    expect(refused).toEqual({
      status: 422,
      path: 'items.0.price',
      message: expect.stringMatching(message),
    });
    const draft = await create({ currency, items: priced(price), publish: false });
    expect(draft.status, draft.text).toBe(201);
    const { id } = JSON.parse(draft.text) as AdminDrop;
    expect(errorsOf(await patch(id, { published: true }))).toMatchObject({ status: 422, path: 'published' });
    expect(JSON.parse((await shop.admin({ path: `/admin/drops/${id}` })).text).published).toBe(false);
  });

  test('a published drop accepts no price and no item that can’t be paid', async () => {
    const { id } = await shop.createDrop();
    const cheap = { sku: 'one', price: 30 };
    const path = 'items.0.price';
    expect(errorsOf(await patch(id, { items: [cheap] }))).toMatchObject({ status: 422, path });
    const item = { sku: 'two', name: 'Two', price: 49, stock: 1 };
    expect(errorsOf(await patch(id, { items: [item] }))).toMatchObject({ status: 422, path });
    expect((await shop.patchDrop(id, { published: false, items: [cheap] })).items[0]?.price).toBe(30);
    expect(errorsOf(await patch(id, { published: true }))).toMatchObject({ status: 422, path: 'published' });
    const mended = await shop.patchDrop(id, { published: true, items: [{ sku: 'one', price: 50 }] });
    expect(mended).toMatchObject({ phase: 'live', unpayable: null });
  });

  test('the dashboard says why a drop stays a draft', async () => {
    const { id } = await shop.createDrop({ items: priced(30), publish: false });
    const chief = await signedIn(shop.server.url, shop.server.adminToken);
    const page = await chief.submit(`/admin/ui/drops/${id}/publish`, {});
    expect(page.status).toBe(422);
    expect(page.text).toContain('stripe charges 0.50 EUR to 999999.99 EUR');
  });

  test('a quantity whose total is above the maximum is refused with the largest one', async () => {
    const { id } = await shop.createDrop({ items: priced(40_000_000) });
    expect(errorsOf(await shop.send(purchaseCall(id, { quantity: 3 })))).toEqual({
      status: 422,
      path: 'quantity',
      message: expect.stringContaining('Must be at most 2 '),
    });
    const { slug } = await shop.drop(id);
    const page = await fetch(`${shop.server.url}/d/${slug}`);
    expect(await page.text()).toMatch(/name="quantity"[^>]* max="2"/);
    const purchase = await shop.buy(id, { quantity: 2 });
    expect(await shop.openSession(purchase)).toMatchObject({ amount_total: 80_000_000 });
  });

  test('forints, krónur and dinars are charged in Stripe’s units and recorded in ISO 4217’s', async () => {
    for (const [currency, price, atStripe] of [
      ['HUF', 1_290_000, 1_290_000],
      ['ISK', 12_900, 1_290_000],
      ['KWD', 12_900, 12_900],
      ['MGA', 1_290_000, 12_900],
    ] as const) {
      const purchase = await shop.buy((await shop.createDrop({ currency, items: priced(price) })).id);
      const session = await shop.openSession(purchase);
      expect(session, currency).toMatchObject({ amount_total: atStripe, currency: currency.toLowerCase() });
      await shop.charge(session);
      expect((await shop.orderBecomes(purchase, 'paid')).payments, currency).toMatchObject([
        { status: 'paid', amount: price, currency },
      ]);
    }
  });

  test('a hold that the provider refuses permanently ends with the reason', async () => {
    shop.stripe.refusals.set('php', 'amount_too_small');
    const drop = await shop.createDrop({ currency: 'PHP', items: priced(10) });
    const purchase = await shop.buy(drop.id);
    for (let look = 0; look < 2; look += 1) {
      const { status, text } = await payPageOf(purchase);
      expect(status).toBe(410);
      expect(text).toContain('cannot charge this amount');
      expect(text).not.toContain('can’t be reached');
    }
    expect((await shop.order(purchase)).order).toMatchObject({
      status: 'released',
      releaseReason: 'unpayable',
    });
    expect((await shop.drop(drop.id)).items[0]).toMatchObject({ held: 0, available: 500 });
    const chief = await signedIn(shop.server.url, shop.server.adminToken);
    const page = await chief.look(`/admin/ui/orders/${purchase.order.id}`);
    expect(page.text).toContain('cannot charge this amount');
    await until(
      async () => shop.server.output(),
      (output) => output.includes('amount_too_small'),
    );
    shop.stripe.refusals.clear();
  });

  test('a temporary failure keeps the hold', async () => {
    const purchase = await shop.buy((await shop.createDrop()).id);
    shop.stripe.fail('POST /v1/checkout/sessions', { kind: 'status', status: 500 });
    const { status, text } = await payPageOf(purchase);
    expect(status).toBe(503);
    expect(text).toContain('can’t be reached');
    expect((await shop.order(purchase)).order.status).toBe('held');
  });
});

describe.each(runtimes)('a drop that its providers can no longer charge, on %s', (runtime) => {
  test.each([
    ['currency', {}, 'payos does not accept EUR'],
    ['price', { currency: 'VND', items: priced(1_500) }, 'payos charges 2000 VND to 499999999 VND'],
  ])(
    'because of its %s is named in the log and the dashboard, and its holds are refused',
    async (_, changes, why) => {
      const shop = new StripeShop();
      await shop.stripe.listen();
      const first = await shop.start(runtime);
      const { id, slug } = await shop.createDrop(changes);
      const bought = purchaseCall(id, {}, 'the-first-key-of-all');
      expect((await shop.send(bought)).status).toBe(201);
      expect((await first.stop()).code).toBe(0);
      const env = {
        PAYMENT_PROVIDERS: 'payos',
        PAYOS_CLIENT_ID: 'client',
        PAYOS_API_KEY: 'api-key',
        PAYOS_CHECKSUM_KEY: 'checksum-key',
        PAYOS_API_BASE: shop.stripe.url,
      };
      await shop.startWith(runtime, first.databaseFile, env);
      const refused = await shop.send(purchaseCall(id));
      expect([refused.status, JSON.parse(refused.text).code]).toEqual([503, 'no_provider']);
      const output = await until(
        async () => shop.server.output(),
        (text) => text.includes('no payment provider can charge this drop'),
      );
      const warning = output
        .split('\n')
        .find((line) => line.includes('no payment provider can charge this drop'));
      expect(warning).toContain(slug);
      expect(warning).toContain(why);
      const form = new URLSearchParams({ sku: 'one', quantity: '1', email: 'ada@example.com' });
      const page = await fetch(`${shop.server.url}/d/${slug}`, { method: 'POST', body: form });
      expect([page.status, await page.text()]).toEqual([503, expect.stringContaining('No payment provider')]);
      expect((await shop.send(bought)).status).toBe(201);
      expect(JSON.parse((await shop.admin({ path: `/admin/drops/${id}` })).text).unpayable).toContain(
        'payos',
      );
      const chief = await signedIn(shop.server.url, shop.server.adminToken);
      expect((await chief.look(`/admin/ui/drops/${id}`)).text).toContain(why);
      await shop.patchDrop(id, { title: 'A drop that can still be edited' });
      expect((await shop.server.stop()).code).toBe(0);
      await shop.stripe.close();
    },
  );
});
