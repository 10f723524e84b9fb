/** An order's page over HTTP: by cookie or by a form with the token, and never by a wrong token. */
import { describe, expect, test } from 'vitest';
import { runtimes, useServer } from '../support/contract-server.ts';
import type { Purchase } from '../support/shapes.ts';
import { customer, payPath, unique } from '../support/shop.ts';

describe.each(runtimes)('an order’s link on %s', (runtime) => {
  const shop = useServer(runtime);
  const buy = async (changes = {}): Promise<Purchase> => shop.buy((await shop.createDrop(changes)).id);
  const browse = (path: string, init: RequestInit = {}) =>
    fetch(`${shop.server.url}${path}`, { redirect: 'manual', ...init });
  const post = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
    browse(path, { method: 'POST', body: new URLSearchParams(fields), headers });
  const cookieOf = (answer: Response): string =>
    answer.headers
      .getSetCookie()
      .map((cookie) => cookie.split(';')[0])
      .join('; ');

  test('a purchase redirects to a link with the token, which a form turns into a cookie', async () => {
    const drop = await shop.createDrop();
    const form = { email: `b-${unique()}@canary.example`, sku: 'one' };
    const cookie = cookieOf(await browse(`/d/${drop.slug}`));
    const bought = await post(`/d/${drop.slug}`, form, { cookie });
    const location = bought.headers.get('location') ?? '';
    const [, path = '', token = ''] = /^(\/o\/ord_[\w-]{22})#([\w-]{22})$/.exec(location) ?? [];
    const stranger = await browse(path);
    expect(await stranger.text()).not.toContain(drop.title);
    const opened = await post(path, { token }, { cookie: cookieOf(stranger) });
    expect([opened.status, opened.headers.get('location')]).toEqual([303, path]);
    const page = await (await browse(path, { headers: { cookie: cookieOf(opened) } })).text();
    expect(page).toContain('Reserved for you');
  });

  test('without cookies the form’s answer is the order, and its cancel form works', async () => {
    const { order, token } = await buy();
    const page = await post(`/o/${order.id}`, { token });
    const text = await page.text();
    expect([page.status, text]).toEqual([200, expect.stringContaining(order.number)]);
    expect(text).not.toContain('http-equiv="refresh"');
    expect(text).toContain(`name="token" value="${token}"`);
    const cancelled = await post(`/o/${order.id}/cancel`, { token });
    expect([cancelled.status, await cancelled.text()]).toEqual([
      200,
      expect.stringContaining('You cancelled this order'),
    ]);
    expect((await shop.order({ order, token } as Purchase)).order.status).toBe('released');
  });

  test('without cookies a purchase is answered by the order and its link', async () => {
    const drop = await shop.createDrop();
    const bought = await post(`/d/${drop.slug}`, { email: `b-${unique()}@canary.example`, sku: 'one' });
    const page = await bought.text();
    expect([bought.status, page]).toEqual([200, expect.stringContaining('Reserved for you')]);
    expect(page).toMatch(/href="\/o\/ord_[\w-]{22}#[\w-]{22}"/);
    expect(page).not.toContain('http-equiv="refresh"');
  });

  test('an old cookie does not prevent a form from cancelling with its own token', async () => {
    const { order, token } = await buy();
    const headers = { cookie: `order=${'A'.repeat(22)}` };
    expect((await post(`/o/${order.id}/cancel`, { token }, headers)).status).toBe(200);
    expect((await shop.order({ order, token } as Purchase)).order.status).toBe('released');
  });

  test.each([
    ['paid', 'paid', 'If you paid, your payment counts for your order'],
    ['declined', 'declined', 'If the payment was declined'],
    ['paid_late', 'paid', 'If you paid, your payment counts for your order'],
  ])('a payment page that ends with %s leads back with that word', async (outcome, from, words) => {
    const purchase = await buy();
    const answer = await post(payPath(purchase), { outcome });
    expect(answer.headers.get('location')).toBe(`/o/${purchase.order.id}?from=${from}`);
    const stranger = await (await browse(`/o/${purchase.order.id}?from=${from}`)).text();
    expect(stranger).toContain(words);
    expect(stranger).toContain('did not keep the cookie');
    expect(stranger).not.toMatch(/thank you/i);
    // This shop sends no mail, so the page promises none.
    expect(stranger).not.toContain('e-mail about your order');
    expect(stranger).not.toContain('action="/orders/find"');
  });

  test('a whole link opens its order from any order’s page', async () => {
    const [one, other] = [await buy(), await buy()];
    const pasted = ` https://shop.example/o/${one.order.id}?from=paid#${one.token} `;
    const answer = await post(`/o/${other.order.id}`, { token: pasted }, { cookie: 'probe=1' });
    expect(answer.headers.get('location')).toBe(`/o/${one.order.id}#${one.token}`);
    expect(answer.headers.getSetCookie()[0]).toMatch(`order=${one.token}; Path=/o/${one.order.id};`);
  });

  test.each(['', 'x', 'A'.repeat(22), 'é'.repeat(22), 'x'.repeat(5_000)])(
    'the token %j opens nothing, and does not tell whether the order exists',
    async (token) => {
      const { order } = await buy();
      const absent = `ord_${'A'.repeat(22)}`;
      const [known, unknown] = await Promise.all([order.id, absent].map((id) => post(`/o/${id}`, { token })));
      expect([known?.status, unknown?.status]).toEqual([403, 403]);
      const text = (await known?.text())?.replaceAll(order.id, absent);
      expect(text).toBe(await unknown?.text());
      expect(known?.headers.getSetCookie().join()).not.toContain('order=');
    },
  );

  test('another site’s form opens and cancels nothing', async () => {
    const { order, token } = await buy();
    for (const path of [`/o/${order.id}`, `/o/${order.id}/cancel`])
      expect((await post(path, { token }, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await shop.order({ order, token } as Purchase)).order.status).toBe('held');
  });

  test('the page shows the order’s state: declined, returned, paid', async () => {
    const purchase = await buy();
    const { order, token } = purchase;
    const look = async (query = '', language = 'en') => {
      const headers = { cookie: `order=${token}`, 'accept-language': language };
      return (await browse(`/o/${order.id}${query}`, { headers })).text();
    };
    expect(await look()).toMatch(/Reserved for you[\s\S]*Pay now[\s\S]*Cancel order/);
    // Anyone can open this address: the page shows only what the server knows.
    expect(await look('?from=paid')).toContain('Your payment is not confirmed yet');
    // payOS appends its own parameters to ours.
    expect(await look('?from=cancelled?code=00')).toContain('We have received no payment');
    for (const query of ['?from=paid', '?from=cancelled', '?from=declined']) {
      expect(await look(query)).not.toMatch(/thank you|nothing was charged|was declined/i);
      expect(await look(query, 'de')).not.toMatch(/danke|dank!|nichts abgebucht|wurde abgelehnt/i);
    }
    await shop.send({ method: 'POST', path: payPath(purchase), json: { outcome: 'declined' } });
    expect(await look()).toMatch(/Payment declined\. Try another card[\s\S]*Pay now/);
    expect(await look('', 'de-AT')).toContain('Zahlung abgelehnt');
    await shop.pay(purchase);
    for (const query of ['', '?from=paid', '?from=cancelled']) {
      const page = await look(query);
      expect(page).toContain('Paid. Your order is confirmed');
      expect(page).not.toContain('Pay now');
    }
  });

  test('a rejected form redirects to its page with its input, once', async () => {
    const drop = await shop.createDrop({ perCustomer: 1 });
    const email = `b-${unique()}@canary.example`;
    await shop.buy(drop.id, { customer: customer({ email }) });
    const path = `/d/${drop.slug}`;
    const form = { email, sku: 'one', name: '<b>Ada</b>', quantity: '1' };
    const cookie = cookieOf(await browse(path));
    const refused = await post(path, form, { cookie });
    expect([refused.status, refused.headers.get('location')]).toEqual([303, path]);
    const tried = refused.headers.getSetCookie().find((one) => one.startsWith('tried='));
    expect(tried).toMatch(new RegExp(`; Path=${path}; Max-Age=3600; HttpOnly; SameSite=Lax$`));
    const shown = await browse(path, { headers: { cookie: `${cookie}; ${cookieOf(refused)}` } });
    const page = await shown.text();
    expect([shown.status, page]).toEqual([200, expect.stringContaining('limit per customer')]);
    expect(page).toContain(`value="${email}"`);
    expect(page).toContain('value="&lt;b&gt;Ada&lt;/b&gt;"');
    expect(shown.headers.getSetCookie().some((one) => one.startsWith('tried=; '))).toBe(true);
    const direct = await post(path, form);
    expect([direct.status, await direct.text()]).toEqual([409, expect.stringContaining(`value="${email}"`)]);
  });

  test.each(['!', 'bm9uZQ', Buffer.from('{"refusal":"<script>"}').toString('base64url'), 'A'.repeat(3_000)])(
    'a cookie %j that holds no refused form is ignored',
    async (tried) => {
      const drop = await shop.createDrop();
      const page = await browse(`/d/${drop.slug}`, { headers: { cookie: `tried=${tried}` } });
      expect([page.status, await page.text()]).toEqual([200, expect.not.stringContaining('role="alert"')]);
    },
  );

  test.each([
    [60, 'within 1 minute.', 'innerhalb von 1 Minute.'],
    [90, 'within 90 seconds.', 'innerhalb von 90 Sekunden.'],
    [600, 'within 10 minutes.', 'innerhalb von 10 Minuten.'],
    [86_400, 'within 24 hours.', 'innerhalb von 24 Stunden.'],
  ])('a hold of %i s is named in words', async (holdSeconds, english, german) => {
    const drop = await shop.createDrop({ holdSeconds });
    for (const [language, words] of [
      ['en', english],
      ['de', german],
    ] as const) {
      const page = await browse(`/d/${drop.slug}`, { headers: { 'accept-language': language } });
      expect(await page.text()).toContain(words);
    }
  });
});
