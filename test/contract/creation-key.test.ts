/** The Idempotency-Key of POST /admin/drops: only a retry of a creation returns its drop. */
import { describe, expect, test } from 'vitest';
import { createIds } from '../../src/ids/ids.ts';
import { readJson } from '../support/client.ts';
import { machines, restart, runtimes, useServer } from '../support/contract-server.ts';
import { readEach } from '../support/database-files.ts';
import { expectAnswer } from '../support/scenario.ts';
import type { AdminDrop } from '../support/shapes.ts';
import { dropBody, unique } from '../support/shop.ts';

describe.each(runtimes)('a creation with a key on %s', (runtime) => {
  const shop = useServer(runtime);
  const make = (json: object, key?: string) => {
    const headers = key === undefined ? {} : { 'Idempotency-Key': key };
    return shop.admin({ method: 'POST', path: '/admin/drops', json, headers });
  };
  const replayed = 'idempotency-replayed';

  test('is answered with the same drop again, at once and after a restart', async () => {
    const [body, key] = [dropBody(), crypto.randomUUID()];
    const first = await make(body, key);
    expect([first.status, first.headers[replayed]], first.text).toEqual([201, undefined]);
    for (const isRestarted of [false, true]) {
      if (isRestarted) await restart(shop, runtime);
      const again = await make(body, key);
      expect([again.status, again.text, again.headers[replayed]]).toEqual([201, first.text, 'true']);
    }
    const { id } = readJson<AdminDrop>(first);
    await shop.buy(id);
    expect(readJson<AdminDrop>(await make(body, key))).toMatchObject({ id, items: [{ stock: 5, held: 1 }] });
  });

  test('creates one drop for four concurrent requests', async () => {
    const [body, key] = [dropBody(), crypto.randomUUID()];
    const answers = await Promise.all([1, 2, 3, 4].map(() => make(body, key)));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    expect(new Set(answers.map((answer) => readJson<AdminDrop>(answer).id)).size).toBe(1);
    expect(answers.filter(({ headers }) => headers[replayed] === 'true')).toHaveLength(3);
  });

  test('refuses its slug to every other request', async () => {
    const [body, key] = [dropBody(), crypto.randomUUID()];
    expect((await make(body, key)).status).toBe(201);
    for (const other of [undefined, crypto.randomUUID()])
      expectAnswer(await make(body, other), { status: 409, code: 'slug_taken' });
    expectAnswer(await make({ ...body, title: 'Another drop' }, key), { status: 422, code: 'key_reused' });
    const elsewhere = await make(dropBody(), key);
    // At the edge a key belongs to a drop: objects do not know each other.
    if (runtime === 'workerd') expect(elsewhere.status).toBe(201);
    else expectAnswer(elsewhere, { status: 422, code: 'key_reused' });
  });

  test('without its key is refused, also with the same body', async () => {
    const body = dropBody();
    expect((await make(body)).status).toBe(201);
    for (const key of [undefined, crypto.randomUUID()])
      expectAnswer(await make(body, key), { status: 409, code: 'slug_taken' });
  });

  test('that was refused leaves its key unused', async () => {
    const { slug } = await shop.createDrop();
    const key = crypto.randomUUID();
    expectAnswer(await make(dropBody({ slug }), key), { status: 409, code: 'slug_taken' });
    const later = await make(dropBody({ slug: `drop-${unique()}` }), key);
    expect([later.status, later.headers[replayed]], later.text).toEqual([201, undefined]);
  });

  test('needs a key as long as that of a purchase', async () => {
    expectAnswer(await make(dropBody(), 'drop'), {
      status: 422,
      code: 'invalid',
      paths: ['Idempotency-Key'],
    });
  });
});

describe.each(machines)('the fingerprint of a creation on %s', (runtime) => {
  const shop = useServer(runtime);

  test('is the one that earlier versions stored, so a retry after an update finds its drop', async () => {
    const body = dropBody();
    const headers = { 'Idempotency-Key': crypto.randomUUID() };
    await shop.admin({ method: 'POST', path: '/admin/drops', json: body, headers });
    const { slug, title, currency, startsAt, perCustomer, holdSeconds, items, publish } = body;
    const earlier = {
      ...{ slug, title, description: '', imageUrl: null, currency, perCustomer },
      ...{ startsAt: Date.parse(String(startsAt)), endsAt: null, holdSeconds, items, publish },
      ...{ lanes: 1, jurisdiction: null, locationHint: null },
    };
    const { fingerprint } = createIds(shop.server.secretKey);
    expect(
      readEach(shop.server, (file) => file.prepare('select fingerprint from operator_keys').pluck().all()),
    ).toEqual([fingerprint(JSON.stringify(['create', earlier]))]);
  });
});
