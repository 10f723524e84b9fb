/** The storefront over HTTP: input stays, invalid fields have messages, and figures have labels. */
import { describe, expect, test } from 'vitest';
import { runtimes, useServer } from '../support/contract-server.ts';
import { unique, until } from '../support/shop.ts';

describe.each(runtimes)('the storefront’s pages on %s', (runtime) => {
  const shop = useServer(runtime);
  const browse = (path: string, init: RequestInit = {}) =>
    fetch(`${shop.server.url}${path}`, { redirect: 'manual', ...init });
  const post = (path: string, fields: Record<string, string>, cookie = '') =>
    browse(path, { method: 'POST', body: new URLSearchParams(fields), headers: { cookie } });
  const cookiesOf = (...answers: Response[]): string =>
    answers
      .flatMap((answer) => answer.headers.getSetCookie())
      .map((cookie) => cookie.split(';')[0])
      .join('; ');
  const form = (changes = {}) => ({
    email: `b-${unique()}@canary.example`,
    sku: 'one',
    quantity: '1',
    name: 'Ada',
    ...changes,
  });

  test.each([
    ['name', 'A\u0007da', 'Enter your name'],
    ['email', 'nobody', 'Enter an e-mail address'],
    ['quantity', '1.5', 'Enter a whole number from 1 to 2.'],
    ['sku', 'none', 'Choose an item'],
  ])('an invalid %s is marked at its field', async (field, typed, words) => {
    const drop = await shop.createDrop({ perCustomer: 2 });
    const answer = await post(`/d/${drop.slug}`, form({ [field]: typed }));
    const page = await answer.text();
    expect([answer.status, page]).toEqual([422, expect.stringContaining('check the fields below')]);
    expect(page).toContain(`id="wrong-${field}">${words}`);
    expect(page.match(/id="wrong-/g)).toHaveLength(1);
    if (field !== 'sku') expect(page).toContain(`aria-describedby="wrong-${field}"`);
  });

  test('a first purchase over the limit shows the limit', async () => {
    const drop = await shop.createDrop({ perCustomer: 2 });
    const answer = await post(`/d/${drop.slug}`, form({ quantity: '3' }));
    expect([answer.status, await answer.text()]).toEqual([
      409,
      expect.stringContaining('more than the limit per customer. Earlier orders and open reservations'),
    ]);
    const german = await browse(`/d/${drop.slug}`, {
      method: 'POST',
      body: new URLSearchParams(form({ quantity: '3' })),
      headers: { 'accept-language': 'de' },
    });
    expect(await german.text()).toContain('zählen mit. Höchstens 2 Stück pro Person.');
  });

  test('a form that found everything sold out waits until units are free', async () => {
    const drop = await shop.createDrop({ items: [{ sku: 'one', name: 'One', price: 100, stock: 1 }] });
    const other = await shop.buy(drop.id);
    const path = `/d/${drop.slug}`;
    const opened = await browse(path);
    const typed = form({ name: 'Ada Lovelace' });
    const cookie = cookiesOf(opened, await post(path, typed, cookiesOf(opened)));
    for (const _ of ['first', 'second']) {
      const waiting = await browse(path, { headers: { cookie } });
      expect(waiting.headers.getSetCookie().join()).not.toContain('tried=');
      expect(await waiting.text()).toMatch(/role="alert">Sold out for now[\s\S]*type="hidden" name="email"/);
    }
    await shop.cancel(other);
    await shop.dropBecomes(drop.id, 'live');
    const page = await (await browse(path, { headers: { cookie } })).text();
    expect(page).toContain(`value="${typed.email}" required`);
    expect(page).toContain('value="Ada Lovelace"');
    expect(page).not.toContain('role="alert"');
  });

  test('a browser with an open reservation sees it, with a link', async () => {
    const drop = await shop.createDrop();
    const path = `/d/${drop.slug}`;
    const opened = await browse(path);
    const bought = await post(path, form(), cookiesOf(opened));
    const [, order = '', token = ''] = /^(.+)#(.+)$/.exec(bought.headers.get('location') ?? '') ?? [];
    const cookie = cookiesOf(opened, bought);
    const look = async () => (await browse(path, { headers: { cookie } })).text();
    expect(await look()).toMatch(new RegExp(`You have an open reservation[^<]*<a href="${order}"`));
    await post(`${order}/cancel`, { token });
    expect(await look()).not.toContain('open reservation');
  });

  test('the first page marks the lowest of several prices as such', async () => {
    const items = [
      { sku: 'one', name: 'One', price: 12_900, stock: 1 },
      { sku: 'two', name: 'Two', price: 13_400, stock: 1 },
    ];
    const drop = await shop.createDrop({ items });
    const same = await shop.createDrop({ items: [items[0]] });
    const cardOf = async (slug: string, language: string) => {
      const page = await (await browse('/', { headers: { 'accept-language': language } })).text();
      return page.split('<li class="card">').find((card) => card.includes(`/d/${slug}"`)) ?? '';
    };
    // At the edge the list comes from the catalogue.
    await until(
      () => cardOf(same.slug, 'en'),
      (card) => card !== '',
    );
    expect(await cardOf(drop.slug, 'en')).toContain('<p>from €129.00');
    expect(await cardOf(drop.slug, 'de')).toMatch(/<p>ab 129,00\s€/);
    expect(await cardOf(same.slug, 'en')).toContain('<p>€129.00');
  });

  test('a buyer who looks for lost orders corrects the typed address', async () => {
    const typed = '"><b>@@';
    const page = await browse('/orders/find', {
      method: 'POST',
      headers: { accept: 'text/html' },
      body: new URLSearchParams({ email: typed }),
    });
    expect([page.status, await page.text()]).toEqual([
      422,
      expect.stringContaining('value="&quot;&gt;&lt;b&gt;@@"'),
    ]);
  });
});
