/** Typed e-mail addresses, phone numbers and texts: stored in one spelling, or rejected. */
import { describe, expect, it, test } from 'vitest';
import { readJson } from '../support/client.ts';
import { runtimes, useServer } from '../support/contract-server.ts';
import { expectAnswer } from '../support/scenario.ts';
import { customer, purchaseCall, unique } from '../support/shop.ts';

/** Addresses that an HTML e-mail field accepts. */
const addresses: readonly string[] = [
  `o'brien-${unique()}@example.com`,
  `plus+${unique()}@example.com`,
  `!#$%&'*+/=?^_\`{|}~-${unique()}@example.com`,
  `.dots..${unique()}.@example.com`,
  `punycode-${unique()}@xn--bcher-kva.example`,
  `tld-${unique()}@example.xn--p1ai`,
  `root-${unique()}@localhost`,
  `digits-${unique()}@127.0.0.1`,
  `hyphens-${unique()}@a--b.example`,
  `one-${unique()}@x.y`,
];

const notAddresses: readonly string[] = [
  'kelvin\u212a@example.com',
  'greek\u1fef@example.com',
  'ümlaut@example.com',
  'name@bücher.example',
  'name@-example.com',
  'name@example-.com',
  'name@example..com',
  'name@.example.com',
  'name@example.com.',
  'name@exa_mple.com',
  `name@${'d'.repeat(64)}.example`,
  '"quoted"@example.com',
  'Name <name@example.com>',
  'a@example.com,b@example.com',
  'zero\u200bwidth@example.com',
];

/** One number per row, in all its spellings; the first is E.164. */
const numbers: readonly (readonly string[])[] = [
  ['+4930123456', '+49 (0)30 123456', '+49030123456', '0049 30 123456', '+49-30-12 34 56', '+49/30/123456'],
  ['+442079460958', '+44 (0)20 7946 0958', '00442079460958', '+４４ ２０ ７９４６ ０９５８'],
  ['+390669812345', '+39 06 698 12345', '+39 (0)6 698 12345'],
  [
    '+12025550123',
    '+1 (202) 555-0123',
    '+1 (0)202 555 0123',
    '+1.202.555.0123',
    '\u202a+1\u00a0202\u2011555\u20110123\u202c',
  ],
  ['+79123456789', '+7 8 912 345-67-89'],
  ['+201001234567', '+٢٠١٠٠١٢٣٤٥٦٧'],
];

const notNumbers: readonly string[] = [
  '030 123456',
  '+49 30 123456 x12',
  '+49 30 123456 ext. 12',
  '+49 30 123456#12',
  '+49 30 123456,,12',
  '+1-800-FLOWERS',
  'tel:+4930123456',
  '+49 30 123456 or +49 30 654321',
  '++4930123456',
  '+49+4930123456',
  '+0049 30 123456',
  '+4900 30 123456',
  '0011 49 30 123456',
  '+999 12345678',
  '+49 3',
  '(0)30 123456',
  '+',
  '\u200b',
];

const blanks: readonly string[] = [
  '\u200b',
  '\u200c\u200d\u200e\u200f',
  '\u2060\ufeff\u00ad',
  '\u3164',
  '\u115f\u1160',
  '\uffa0',
  '\u2800\u2800',
  '\u{13441}\u{13442}\u{1d159}',
  '\ufe0f\u{e0100}',
  '\u{e0061}\u{e007f}',
  '\u180e\u061c\u034f',
  '\u2066\u2069',
  '\u0301',
  ' \u00a0\u3000\u200b ',
];
const shown = (text: string): string => JSON.stringify(text).replaceAll(/[^ -~]/g, escaped);
const escaped = (character: string): string => `\\u{${character.codePointAt(0)?.toString(16)}}`;

/** Texts with joiners and marks that carry meaning. */
const texts: readonly string[] = ['👩‍👩‍👧‍👦', 'क्‍ष', 'می‌خواهم', '❤️', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', 'é'];

/** Texts that imitate others or reverse what follows them, and how they are stored. */
const disguised: readonly (readonly [typed: string, kept: string])[] = [
  ['Zo\u00eb \u200bvan Dam', 'Zo\u00eb van Dam'],
  ['\u202egnp.exe', 'gnp.exe'],
  ['a\u2066b\u2069c\u200ed', 'abcd'],
  ['pay\u200dpal\u00ad', 'paypal'],
  ['\ufeff\u2060x', 'x'],
];

describe.each(runtimes)('what people type on %s', (runtime) => {
  const shop = useServer(runtime);
  const erase = (email: string) =>
    shop.admin({ method: 'POST', path: '/admin/customers/erase', json: { email } });
  const found = async (email: string): Promise<(string | null)[]> => {
    const answer = await shop.admin({ path: `/admin/orders?email=${encodeURIComponent(email)}` });
    expect(answer.status, answer.text).toBe(200);
    return readJson<{ orders: { email: string | null }[] }>(answer).orders.map((order) => order.email);
  };

  it.each(addresses)('buys, finds and deletes %s', async (email) => {
    const drop = await shop.createDrop();
    await shop.buy(drop.id, { customer: { email } });
    expect(await found(email)).toEqual([email]);
    expect(await found(email.toUpperCase())).toEqual([email]);
    const erased = await erase(email.toUpperCase());
    expect(erased.status, erased.text).toBe(200);
    expect(await found(email)).toEqual([null]);
  });

  test('a plus in a query that was not encoded is a plus', async () => {
    const drop = await shop.createDrop();
    const local = unique();
    await shop.buy(drop.id, { customer: { email: `${local}+tag@example.com` } });
    const answer = await shop.admin({ path: `/admin/orders?email=${local}+tag@example.com` });
    expect(readJson<{ orders: unknown[] }>(answer).orders).toHaveLength(1);
  });

  it.each(notAddresses.map((email) => [shown(email), email]))('refuses the address %s', async (_, email) => {
    const drop = await shop.createDrop();
    const refusal = { status: 422, code: 'invalid' };
    const bought = await shop.send(purchaseCall(drop.id, { customer: { email } }));
    expectAnswer(bought, { ...refusal, paths: ['customer.email'] });
    expectAnswer(await erase(email), { ...refusal, paths: ['email'] });
    const query = await shop.admin({ path: `/admin/orders?email=${encodeURIComponent(email)}` });
    expectAnswer(query, { ...refusal, paths: ['email'] });
  });

  it.each(numbers)('keeps %s in E.164, whatever its spelling', async (...spellings) => {
    const [number] = spellings;
    for (const phone of spellings) {
      const drop = await shop.createDrop();
      const { order } = await shop.buy(drop.id, { customer: customer({ phone }) });
      const answer = await shop.admin({ path: `/admin/orders/${order.id}` });
      expect(readJson<{ order: { phone: string } }>(answer).order.phone, phone).toBe(number);
    }
  });

  it.each(numbers)('counts %s once under a limit of 1', async (...spellings) => {
    const drop = await shop.createDrop({ perCustomer: 1 });
    const statuses: number[] = [];
    for (const phone of spellings) {
      const answer = await shop.send(purchaseCall(drop.id, { customer: customer({ phone }) }));
      statuses.push(answer.status);
    }
    expect(statuses).toEqual([201, ...spellings.slice(1).map(() => 409)]);
  });

  it.each(notNumbers.map((phone) => [shown(phone), phone]))('refuses the number %s', async (_, phone) => {
    const drop = await shop.createDrop();
    const answer = await shop.send(purchaseCall(drop.id, { customer: customer({ phone }) }));
    expectAnswer(answer, { status: 422, code: 'invalid', paths: ['customer.phone'] });
  });

  it.each(blanks.map((text) => [shown(text), text]))('treats %s as empty', async (_, text) => {
    const drop = await shop.createDrop();
    const refusal = { status: 422, code: 'invalid' };
    const named = await shop.send(purchaseCall(drop.id, { customer: customer({ name: text }) }));
    expectAnswer(named, { ...refusal, paths: ['customer.name'] });
    const edit = (json: object) => shop.admin({ method: 'PATCH', path: `/admin/drops/${drop.id}`, json });
    expectAnswer(await edit({ title: text }), { ...refusal, paths: ['title'] });
    const item = { sku: 'one', name: text };
    expectAnswer(await edit({ items: [item] }), { ...refusal, paths: ['items.0.name'] });
    expectAnswer(await edit({ imageUrl: text }), { ...refusal, paths: ['imageUrl'] });
    const { description } = readJson<{ description: string }>(await edit({ description: text }));
    expect(description).toBe('');
  });

  test('an address and a tracking code without a visible character are rejected', async () => {
    const drop = await shop.createDrop();
    const purchase = await shop.buy(drop.id, { customer: customer({ address: '\u200b\n\u3164' }) });
    await shop.pay(purchase);
    const fulfil = await shop.admin({
      method: 'POST',
      path: `/admin/orders/${purchase.order.id}/fulfil`,
      json: { trackingCode: '\u200b' },
    });
    expectAnswer(fulfil, { status: 422, code: 'invalid', paths: ['trackingCode'] });
    const answer = await shop.admin({ path: `/admin/orders/${purchase.order.id}` });
    expect(readJson<{ order: { address: string } }>(answer).order.address).toBe('');
  });

  it.each(disguised.map(([typed, kept]) => [shown(typed), typed, kept]))(
    'keeps the visible characters of %s',
    async (_, typed, kept) => {
      const items = [{ sku: 'one', name: typed, price: 1250, stock: 5 }];
      const drop = await shop.createDrop({ title: typed, description: typed, items });
      expect([drop.title, drop.description, drop.items[0]?.name]).toEqual([kept, kept, kept]);
      const bought = await shop.buy(drop.id, { customer: customer({ name: typed, address: typed }) });
      await shop.pay(bought);
      const path = `/admin/orders/${bought.order.id}`;
      await shop.admin({ method: 'POST', path: `${path}/fulfil`, json: { trackingCode: typed } });
      const { order } = readJson<{ order: Record<string, unknown> }>(await shop.admin({ path }));
      expect([order.name, order.address, order.trackingCode]).toEqual([kept, kept, kept]);
    },
  );

  it.each(texts)('keeps %s as it is', async (name) => {
    const drop = await shop.createDrop({ title: name });
    expect(drop.title).toBe(name);
    const { order } = await shop.buy(drop.id, { customer: customer({ name }) });
    const answer = await shop.admin({ path: `/admin/orders/${order.id}` });
    expect(readJson<{ order: { name: string } }>(answer).order.name).toBe(name);
  });
});
