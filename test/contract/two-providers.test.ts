/** Two payment providers: the buyer chooses one, and after a payment cannot pay at the other. */

import { describe, expect, test } from 'vitest';
import { runtimes } from '../support/contract-server.ts';
import { payPath, until } from '../support/shop.ts';
import { useTwoProviders } from '../support/two-providers.ts';

describe.each(runtimes)('stripe and payos on %s', (runtime) => {
  const { shop, stripe, payos } = useTwoProviders(runtime);

  const items = [{ sku: 'one', name: 'One size', price: 250_000, stock: 5 }];
  const locationOf = async (path: string) => (await shop.send({ path })).headers.location;

  test('a buyer chooses, and the other checkout ends after their payment', async () => {
    const purchase = await shop.buy((await shop.createDrop({ currency: 'VND', items })).id);
    const choice = await fetch(purchase.payment.url);
    expect([choice.status, await choice.text()]).toEqual([
      200,
      expect.stringMatching(/with=stripe[\s\S]*with=payos/),
    ]);
    expect(await locationOf(`${payPath(purchase)}?with=stripe`)).toBe([...stripe.sessions.values()][0]?.url);
    expect(await locationOf(`${payPath(purchase)}?with=payos`)).toMatch(/^https:\/\/pay\.payos\.vn\//);
    const [code = 0] = payos.links.keys();
    const delivery = await payos.pay(code);
    for (const effect of ['paid', 'none']) {
      const answer = await shop.send({ method: 'POST', path: '/payments/payos/webhook', ...delivery });
      expect(JSON.parse(answer.text)).toEqual({ received: true, effect });
    }
    expect((await shop.order(purchase)).order.status).toBe('paid');
    await until(
      async () => [...stripe.sessions.values()].map(({ status }) => status),
      ([status]) => status === 'expired',
    );
  });

  test('a late payment through payOS is refunded to its account', async () => {
    const drop = await shop.createDrop({ currency: 'VND', items: [{ ...items[0], stock: 1 }] });
    const late = await shop.buy(drop.id);
    await locationOf(`${payPath(late)}?with=payos`);
    const code = [...payos.links.keys()].at(-1) ?? 0;
    await shop.cancel(late);
    await shop.buy(drop.id);
    await shop.send({ method: 'POST', path: '/payments/payos/webhook', ...(await payos.pay(code)) });
    await shop.orderBecomes(late, 'refunded');
    expect(payos.payouts).toMatchObject([{ amount: 250_000, toAccountNumber: '0011223344' }]);
  });

  test('a provider that refuses permanently leaves the order to the other, and both end it', async () => {
    const drop = await shop.createDrop({ currency: 'VND', items });
    const purchase = await shop.buy(drop.id);
    payos.refusal = '20';
    expect(await locationOf(`${payPath(purchase)}?with=payos`)).toBe(
      [...stripe.sessions.values()].at(-1)?.url,
    );
    const unpayable = await shop.buy(drop.id);
    stripe.refusals.set('vnd', 'amount_too_large');
    const page = await fetch(`${unpayable.payment.url}?with=payos`, { redirect: 'manual' });
    expect([page.status, await page.text()]).toEqual([410, expect.stringContaining('cannot charge')]);
    expect((await shop.order(unpayable)).order.status).toBe('released');
    expect((await shop.order(purchase)).order.status).toBe('held');
    payos.refusal = null;
    stripe.refusals.clear();
  });

  test('where only one of them supports the currency there is no choice', async () => {
    const purchase = await shop.buy((await shop.createDrop()).id);
    expect(await locationOf(payPath(purchase))).toBe([...stripe.sessions.values()].at(-1)?.url);
  });

  test.each([
    '{"data":{"odd":[null]},"signature":"0"}',
    '{"data":{"odd":{"toString":1}},"signature":"0"}',
    '{"data":{"__proto__":null},"signature":"0"}',
    '{"data":[null],"signature":"0"}',
    '{"data":null,"signature":"0"}',
    'null',
  ])('a stranger’s webhook %s is refused, and not logged', async (body) => {
    const answer = await shop.send({ method: 'POST', path: '/payments/payos/webhook', body });
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([401, 'bad_signature']);
  });

  test('one signature of payOS stands for one payment, whatever the types of its values become', async () => {
    const purchase = await shop.buy((await shop.createDrop({ currency: 'VND', items })).id);
    await locationOf(`${payPath(purchase)}?with=payos`);
    const { body } = await payos.pay([...payos.links.keys()].at(-1) ?? 0, { reference: '' });
    const { data, signature } = JSON.parse(body);
    for (const reference of [null, 'null', 'undefined', '']) {
      const replaced = JSON.stringify({ data: { ...data, reference }, signature });
      const answer = await shop.send({ method: 'POST', path: '/payments/payos/webhook', body: replaced });
      expect([reference, answer.status, JSON.parse(answer.text).code]).toEqual([reference, 400, 'malformed']);
    }
    expect((await shop.order(purchase)).order.status).toBe('held');
  });

  test('a webhook of one is not accepted as the other’s', async () => {
    const purchase = await shop.buy((await shop.createDrop()).id);
    await locationOf(payPath(purchase));
    const delivery = await stripe.pay([...stripe.sessions.keys()].at(-1) ?? '');
    for (const [name, status] of [
      ['payos', 401],
      ['sandbox', 404],
    ] as const)
      expect(
        (await shop.send({ method: 'POST', path: `/payments/${name}/webhook`, ...delivery })).status,
      ).toBe(status);
    expect((await shop.order(purchase)).order.status).toBe('held');
  });
});
