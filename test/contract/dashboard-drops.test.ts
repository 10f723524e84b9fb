/** The dashboard's drop forms: each has the API's effect, and a rejected form keeps its input. */
import { beforeAll, describe, expect, test } from 'vitest';
import { runtimes, useServer } from '../support/contract-server.ts';
import {
  dropIdIn,
  expectPage,
  signedIn,
  typedDrop,
  type Visitor,
  wrongAt,
} from '../support/dashboard-visitor.ts';
import type { AdminDrop } from '../support/shapes.ts';

describe.each(runtimes)('the drop pages on %s', (runtime) => {
  const shop = useServer(runtime);
  let chief: Visitor;
  beforeAll(async () => {
    chief = await signedIn(shop.server.url, shop.server.adminToken);
  });
  const adminDrop = async (id: string): Promise<AdminDrop> =>
    JSON.parse((await shop.admin({ path: `/admin/drops/${id}` })).text);
  const pageOf = (id: string) => `/admin/ui/drops/${id}`;
  /** Submits the edit form as the page shows it, with some changes. */
  const edit = async (id: string, changes: Record<string, string>) => {
    const { text } = await chief.look(pageOf(id));
    const form = text.slice(text.indexOf(`${pageOf(id)}/edit`));
    const unescaped = (value: string) =>
      value
        .replaceAll('&quot;', '"')
        .replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>')
        .replaceAll('&#39;', "'")
        .replaceAll('&amp;', '&');
    const fields = [...form.matchAll(/<input ([^>]*)>/g)].map(([, attributes = '']) => [
      / ?name="([^"]*)"/.exec(attributes)?.[1] ?? '',
      unescaped(/value="([^"]*)"/.exec(attributes)?.[1] ?? ''),
    ]);
    const description = unescaped(/<textarea[^>]*>\n([^<]*)/.exec(form)?.[1] ?? '');
    return chief.submit(`${pageOf(id)}/edit`, { ...Object.fromEntries(fields), description, ...changes });
  };

  test('a drop is created as typed, in major units and UTC', async () => {
    const made = await chief.submit('/admin/ui/new-drop', typedDrop());
    expect(made.status, made.text).toBe(303);
    expect(made.location).toMatch(/^\/admin\/ui\/drops\/drp_[\w-]{22}\?done=created$/);
    expect(await adminDrop(dropIdIn(made.location))).toMatchObject({
      title: 'Fern Runner',
      description: 'First line\nSecond line',
      currency: 'EUR',
      startsAt: '2026-01-31T18:00:00.000Z',
      endsAt: null,
      perCustomer: 2,
      published: true,
      items: [
        { sku: 'eu-41', price: 12_900, stock: 3 },
        { sku: 'eu-42', price: 12_990, stock: 5 },
      ],
    });
    const page = await chief.look(made.location ?? '');
    expectPage(page);
    expect(page.text).toContain('The drop was created.');
    expect(page.text).toContain('€129.90');
  });

  test('a rejected drop keeps its input, each error at its field', async () => {
    const wrong = typedDrop({
      slug: 'No Slug',
      title: '',
      startsAt: 'soon',
      perCustomer: 'two',
      'items.0.price': '12.345',
      'items.2.sku': 'eu 42',
      'items.2.stock': '-1',
    });
    const page = await chief.submit('/admin/ui/new-drop', wrong);
    expectPage(page, 422);
    for (const name of [
      'slug',
      'title',
      'startsAt',
      'perCustomer',
      'items.0.price',
      'items.2.sku',
      'items.2.stock',
    ])
      expect(wrongAt(page.text, name), name).toMatch(/^Must /);
    expect(wrongAt(page.text, 'items.0.price')).toBe('Must be an amount such as 129.00.');
    expect(wrongAt(page.text, 'startsAt')).toBe('Must be a time in UTC, such as 2027-06-01 18:00.');
    expect(wrongAt(page.text, 'items.1.sku')).toBeUndefined();
    for (const value of ['No Slug', '12.345', 'eu 42', 'First line']) expect(page.text).toContain(value);
    expect(page.text).toMatch(/id="publish"[^>]* checked/);
  });

  test('the form offers four units a customer; emptied, there is no limit', async () => {
    const form = await chief.look('/admin/ui/new-drop');
    expect(form.text).toMatch(/name="perCustomer"[^>]* value="4"/);
    const made = await chief.submit('/admin/ui/new-drop', typedDrop({ perCustomer: '' }));
    expect((await adminDrop(dropIdIn(made.location))).perCustomer).toBeNull();
    const { perCustomer: _, ...others } = typedDrop();
    const without = await chief.submit('/admin/ui/new-drop', others);
    expect((await adminDrop(dropIdIn(without.location))).perCustomer).toBe(4);
  });

  test('items: none is an error, and more rows keep the input', async () => {
    const none = Object.fromEntries(
      Object.entries(typedDrop()).filter(([name]) => !name.startsWith('items.')),
    );
    const refused = await chief.submit('/admin/ui/new-drop', none);
    expectPage(refused, 422);
    expect(refused.text).toContain('Must have at least one item.');
    const more = await chief.submit('/admin/ui/new-drop', { ...typedDrop({ title: 'Kept' }), more: '5' });
    expectPage(more);
    expect(more.text).toContain('value="Kept"');
    expect(more.text).toContain('name="items.9.sku"');
    expect(more.text).not.toContain('role="alert"');
  });

  test('saves only changed fields: two operators don’t undo each other’s edits', async () => {
    const drop = await shop.createDrop({ title: 'Before', description: 'Kept\nas it is', endsAt: null });
    expect((await edit(drop.id, {})).location).toBe(`${pageOf(drop.id)}?done=unchanged`);
    const { text } = await chief.look(pageOf(drop.id));
    const was = /name="was" value="([^"]*)"/.exec(text)?.[1]?.replaceAll('&quot;', '"') ?? '';
    await shop.patchDrop(drop.id, { title: 'By another', perCustomer: 4 });
    const saved = await edit(drop.id, {
      was,
      title: 'Before',
      perCustomer: '',
      endsAt: '2031-05-01T12:30:15',
      'items.0.price': '13.50',
      'items.1.sku': 'two',
      'items.1.name': 'Two',
      'items.1.price': '9',
      'items.1.stock': '7',
    });
    expect(saved.location, saved.text).toBe(`${pageOf(drop.id)}?done=saved`);
    expect(await adminDrop(drop.id)).toMatchObject({
      title: 'By another',
      description: 'Kept\nas it is',
      perCustomer: 4,
      endsAt: '2031-05-01T12:30:15.000Z',
      startsAt: drop.startsAt,
      items: [
        { sku: 'one', name: 'One size', price: 1350, stock: 5 },
        { sku: 'two', price: 900, stock: 7 },
      ],
    });
    const refused = await edit(drop.id, { endsAt: '2020-01-01T00:00', 'items.0.price': 'much' });
    expectPage(refused, 422);
    expect(wrongAt(refused.text, 'items.0.price')).toMatch(/^Must be an amount/);
    expect(refused.text).toContain('value="much"');
    expect(refused.text).toMatch(/<details class="card" open>/);
  });

  test('the longest texts of a drop can be typed and changed, in any script', async () => {
    // Three bytes each, and nine in a form.
    const words = { title: '限'.repeat(200), description: '量'.repeat(5_000) };
    const made = await chief.submit('/admin/ui/new-drop', typedDrop(words));
    expect(made.status, made.text).toBe(303);
    const id = dropIdIn(made.location);
    expect(await adminDrop(id)).toMatchObject(words);
    expect((await edit(id, { title: 'Shorter' })).location).toBe(`${pageOf(id)}?done=saved`);
    const other = '少'.repeat(5_000);
    expect((await edit(id, { description: other })).location).toBe(`${pageOf(id)}?done=saved`);
    expect(await adminDrop(id)).toMatchObject({ title: 'Shorter', description: other });
    const tooLong = await edit(id, { description: `${other}少` });
    expectPage(tooLong, 422);
    expect(wrongAt(tooLong.text, 'description')).toMatch(/^Must have at most 5000/);
  });

  test('the largest possible drop can be edited in the form', async () => {
    const itemsFrom = (first: number) =>
      Array.from({ length: 50 }, (_, at) => ({
        sku: `${'s'.repeat(61)}${100 + first + at}`,
        name: '名'.repeat(200),
        price: 10_000_000_000,
        stock: 100_000_000,
      }));
    const imageUrl = `https://images.example/${'图'.repeat(1_977)}`;
    const words = { title: '限'.repeat(200), description: '量'.repeat(5_000), imageUrl };
    const { id } = await shop.createDrop({
      ...words,
      items: itemsFrom(0),
      endsAt: '2031-05-01T12:30:15.123Z',
    });
    await shop.patchDrop(id, { items: itemsFrom(50) });
    const title = '销'.repeat(200);
    const saved = await edit(id, { title });
    expect(saved.location, saved.text.slice(0, 500)).toBe(`${pageOf(id)}?done=saved`);
    expect(await adminDrop(id)).toMatchObject({ ...words, title });
  });

  test('publish, pause, resume, restock, unpublish and close', async () => {
    const drop = await shop.createDrop({ publish: false });
    const press = async (action: string, fields = {}) => {
      const page = await chief.submit(`${pageOf(drop.id)}/${action}`, fields);
      expect(page.status, page.text).toBe(303);
      expectPage(await chief.look(page.location ?? ''));
      return adminDrop(drop.id);
    };
    expect((await press('publish')).phase).toBe('live');
    expect((await press('pause')).phase).toBe('paused');
    expect((await press('resume')).phase).toBe('live');
    expect((await press('restock', { sku: 'one', quantity: '4' })).items[0]?.stock).toBe(9);
    expect((await press('restock', { sku: 'one', quantity: '-2' })).items[0]?.stock).toBe(7);
    expect((await press('unpublish')).phase).toBe('draft');
    await press('publish');
    expect((await press('close')).phase).toBe('ended');
    const over = await chief.look(pageOf(drop.id));
    expect(over.text).not.toContain(`${pageOf(drop.id)}/pause`);
    expect(over.text).not.toContain(`${pageOf(drop.id)}/close`);
  });

  test.each([
    ['0', /^Must not be 0/],
    ['many', /^Must be/],
    ['-9', /fall below what is held or sold: 0 units/],
  ])('a restock by %s is refused on the page', async (quantity, message) => {
    const drop = await shop.createDrop();
    const page = await chief.submit(`${pageOf(drop.id)}/restock`, { sku: 'one', quantity });
    expectPage(page, 422);
    expect(wrongAt(page.text, 'quantity')).toMatch(message);
    expect(page.text).toContain(`value="${quantity}"`);
    expect((await adminDrop(drop.id)).items[0]?.stock).toBe(5);
  });

  // Registers nothing on runtimes without shards, so nothing is skipped.
  if (runtime === 'workerd')
    test('a drop with shards is one drop, with a certificate for each shard', async () => {
      const made = await chief.submit('/admin/ui/new-drop', typedDrop({ shards: '2' }));
      const id = dropIdIn(made.location);
      for (const [action, fields] of [
        ['pause', {}],
        ['resume', {}],
        ['restock', { sku: 'eu-42', quantity: '4' }],
        ['edit', { title: 'In two shards', was: '{}' }],
      ] as [string, Record<string, string>][]) {
        const page = await chief.submit(`${pageOf(id)}/${action}`, fields);
        expect([action, page.status], page.text).toEqual([action, 303]);
      }
      const { text } = await chief.look(pageOf(id));
      expect(text).toContain('<h1>In two shards</h1>');
      expect(text).toMatch(/data-sku="eu-42"[\s\S]*?data-count="stock">9</);
      const certificate = await chief.look(`${pageOf(id)}/certificate`);
      expectPage(certificate);
      for (const part of ['Shard 1', 'Shard 2', '>Clean<']) expect(certificate.text).toContain(part);
      const refused = await edit(id, {
        'items.2.sku': 'x',
        'items.2.name': 'X',
        'items.2.price': '1',
        'items.2.stock': '1',
      });
      expectPage(refused, 422);
      expect(refused.text).toContain('changed by /restock');
    });
});
