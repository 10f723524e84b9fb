/** GET /drops and GET /drops/:id: shapes, ids and slugs, phases, filters, revalidation by ETag. */
import { describe, expect, it } from 'vitest';
import { type Answer, readJson } from '../support/client.ts';
import { runtimes, useServer } from '../support/contract-server.ts';
import { earlyEnough } from '../support/early-enough.ts';
import { expectAnswer } from '../support/scenario.ts';
import { type Drop, expectDropShape } from '../support/shapes.ts';
import { isoFromNow, sleep, unique, until } from '../support/shop.ts';

const hourMs = 3_600_000;
const soldOut = [{ sku: 'one', name: 'One size', price: 1250, stock: 0 }];

/** Drops by phase, which state and clock decide; where two apply, the one with precedence. */
const phases = [
  { name: 'live', drop: {}, phase: 'live' },
  { name: 'scheduled', drop: { startsAt: isoFromNow(hourMs) }, phase: 'scheduled' },
  { name: 'sold out', drop: { items: soldOut }, phase: 'sold_out' },
  { name: 'paused', drop: {}, patch: { paused: true }, phase: 'paused' },
  { name: 'ended', drop: { startsAt: isoFromNow(-hourMs), endsAt: isoFromNow(-1_000) }, phase: 'ended' },
  {
    name: 'ended goes before paused',
    drop: { startsAt: isoFromNow(-hourMs), endsAt: isoFromNow(-1_000) },
    patch: { paused: true },
    phase: 'ended',
  },
  {
    name: 'paused goes before scheduled',
    drop: { startsAt: isoFromNow(hourMs) },
    patch: { paused: true },
    phase: 'paused',
  },
  {
    name: 'scheduled goes before sold out',
    drop: { startsAt: isoFromNow(hourMs), items: soldOut },
    phase: 'scheduled',
  },
] as const;

describe.each(runtimes)('drops on %s', (runtime) => {
  const shop = useServer(runtime);

  async function listed(query = ''): Promise<Drop[]> {
    const answer = await shop.send({ path: `/drops${query}` });
    expect(answer.status, answer.text).toBe(200);
    const body = readJson<{ drops: Drop[] }>(answer);
    expect(Object.keys(body)).toEqual(['drops']);
    return body.drops;
  }

  it.each(phases)('$name', async (row) => {
    const created = await shop.createDrop({ ...row.drop });
    if ('patch' in row) await shop.patchDrop(created.id, row.patch);
    const drop = await shop.drop(created.id);
    expect(drop.phase).toBe(row.phase);
    expectDropShape(drop);
    expect(await listed()).toContainEqual(drop);
    expect(await listed(`?phase=${row.phase}`)).toContainEqual(drop);
    const other = row.phase === 'live' ? 'ended' : 'live';
    expect((await listed(`?phase=${other}`)).map((each) => each.id)).not.toContain(drop.id);
  });

  it('every listed drop has the requested phase', async () => {
    for (const phase of ['scheduled', 'live', 'sold_out', 'paused', 'ended']) {
      for (const drop of await listed(`?phase=${phase}`)) expect(drop.phase).toBe(phase);
    }
  });

  it('shows a drop exactly as created, by id and by slug', async () => {
    const slug = `drop-${unique()}`;
    const startsAt = isoFromNow(-5_000);
    const endsAt = isoFromNow(hourMs);
    const items = [
      { sku: 'eu-42', name: 'EU 42', price: 17_900, stock: 3 },
      { sku: 'eu-43', name: 'EU 43', price: 1, stock: 0 },
    ];
    const text = {
      title: 'Schnürschuh „Nº 1” 鞋 👟',
      description: 'Two\nlines',
      imageUrl: 'https://images.example/1.png',
    };
    const created = await shop.createDrop({
      slug,
      ...text,
      currency: 'JPY',
      perCustomer: 2,
      startsAt,
      endsAt,
      items,
    });
    const drop = await shop.drop(slug);
    expect(drop).toStrictEqual({
      id: created.id,
      slug,
      ...text,
      currency: 'JPY',
      perCustomer: 2,
      startsAt,
      endsAt,
      phase: 'live',
      items: items.map((item) => ({ ...item, available: item.stock, held: 0, sold: 0 })),
    });
    expect(await shop.drop(created.id)).toStrictEqual(drop);
  });

  it('hides a draft from the list, by id and by slug, until it is published', async () => {
    const draft = await shop.createDrop({ publish: false });
    expect(draft.phase).toBe('draft');
    for (const name of [draft.id, draft.slug]) {
      expectAnswer(await shop.send({ path: `/drops/${name}` }), { status: 404, code: 'not_found' });
    }
    expect((await listed()).map((drop) => drop.id)).not.toContain(draft.id);
    // The contract leaves open whether `draft` is an empty filter or none: neither shows drafts.
    expect((await shop.send({ path: '/drops?phase=draft' })).text).not.toContain(draft.slug);
    await shop.patchDrop(draft.id, { published: true });
    expect((await shop.drop(draft.slug)).phase).toBe('live');
  });

  it.each(['absent', '0', '-1', '9'.repeat(300), '%00', '%ff', '%2e%2e%2f', `x'--`, '%F0%9F%91%9F'])(
    'has no drop named %s',
    async (name) => {
      const answer = await shop.send({ path: `/drops/${name}` });
      expectAnswer(answer, { status: 404, code: 'not_found' });
    },
  );

  it.each(['nonsense', '', 'LIVE', 'live%00', 'draft,live'])('refuses phase=%s', async (phase) => {
    const answer = await shop.send({ path: `/drops?phase=${phase}` });
    expectAnswer(answer, { status: 422, code: 'invalid', paths: ['phase'] });
  });

  /** The answer once it has been the same for a second, after the purchases of other tests. */
  const quiet = async (path: string): Promise<Answer> => {
    const { first } = await until(
      async () => {
        const first = await shop.send({ path });
        await sleep(1_000);
        return { first, isSame: (await shop.send({ path })).text === first.text };
      },
      ({ isSame }) => isSame,
    );
    return first;
  };

  it.each(['list', 'detail'])('revalidates the %s by ETag until something changes', async (kind) => {
    const drop = await shop.createDrop();
    const path = kind === 'list' ? '/drops' : `/drops/${drop.slug}`;
    // At the edge the list comes from the catalogue, which receives purchases a little later.
    const isLate = runtime === 'workerd' && kind === 'list';
    const first = await (isLate ? quiet(path) : shop.send({ path }));
    const etag = first.headers.etag ?? '';
    expect(etag).toMatch(/^(W\/)?"[^"]+"$/);
    const same = await shop.send({ path, headers: { 'If-None-Match': etag } });
    expect([same.status, same.text, same.headers.etag]).toEqual([304, '', etag]);
    for (const tags of [`"other", ${etag}`, `W/${etag}`, '*']) {
      expect((await shop.send({ path, headers: { 'If-None-Match': tags } })).status, tags).toBe(304);
    }
    const other = await shop.send({ path, headers: { 'If-None-Match': '"other"' } });
    expect([other.status, other.text]).toEqual([200, first.text]);
    await shop.buy(drop.id);
    const look = () => shop.send({ path, headers: { 'If-None-Match': etag } });
    const changed = isLate ? await until(look, ({ status }) => status === 200) : await look();
    expect(changed.status).toBe(200);
    expect(changed.headers.etag).not.toBe(etag);
  });

  it('changes phase and ETag by the clock alone', async () => {
    for (const [phase, next, changes] of [
      ['scheduled', 'live', (leadMs: number) => ({ startsAt: isoFromNow(leadMs) })],
      ['live', 'ended', (leadMs: number) => ({ endsAt: isoFromNow(leadMs) })],
    ] as const) {
      const { path, before } = await earlyEnough(async (leadMs) => {
        const path = `/drops/${(await shop.createDrop(changes(leadMs))).id}`;
        const before = await shop.send({ path });
        return readJson<Drop>(before).phase === phase ? { path, before } : null;
      });
      const headers = { 'If-None-Match': before.headers.etag ?? '' };
      const after = await until(
        () => shop.send({ path, headers }),
        ({ status }) => status !== 304,
      );
      const { id, phase: found } = readJson<Drop>(after);
      expect([after.status, found]).toEqual([200, next]);
      await until(listed, (drops) => drops.find((each) => each.id === id)?.phase === next);
    }
  });

  it('answers HEAD without a body', async () => {
    const drop = await shop.createDrop();
    const answer = await shop.send({ method: 'HEAD', path: `/drops/${drop.id}` });
    expect([answer.status, answer.text]).toEqual([200, '']);
  });
});
