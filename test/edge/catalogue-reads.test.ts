/** The catalogue reads that anonymous requests cause: few, for any input; no drop is missed. */
import { afterEach, describe, expect, test } from 'vitest';
import { unstable_readConfig } from 'wrangler';
import {
  ADDRESS_LOOKUPS_MAX,
  ADDRESS_REQUESTS_MAX,
  FAILED_LOGINS_MAX,
  RATE_WINDOW_MS,
} from '../../src/domain/client-limits.ts';
import { LISTED_AFTER_END_MS } from '../../src/edge/limits.ts';
import { PUBLISHED_AGE_MS } from '../../src/limits.ts';
import { type Answer, type Call, readJson } from '../support/client.ts';
import type { AdminDrop, Drop } from '../support/shapes.ts';
import { isoFromNow, purchaseCall, unique, until } from '../support/shop.ts';
import { type EdgeShop, useEdgeShop } from './worker-under-test.ts';

/** The statements of a list and of an absent slug. */
const LIST_STATEMENTS = 2;
const ABSENCE_STATEMENTS = 2;
const crowdRequests = 200;
/** Concurrent clients of the crowd: the others follow as each is answered. */
const clients = 20;

const idsIn = (answer: Answer): string[] => readJson<{ drops: Drop[] }>(answer).drops.map(({ id }) => id);

/**
 * Sends a crowd; returns the answers, the statements in the catalogue, and the most that `perRead`
 * allows in that time.
 */
async function crowd(shop: EdgeShop, callOf: (index: number) => Call, perRead: number) {
  const { catalogueStatements: before } = await shop.fault();
  const beganMs = performance.now();
  const answers: Answer[] = [];
  let sent = 0;
  const client = async (): Promise<void> => {
    while (sent < crowdRequests) {
      sent += 1;
      answers.push(await shop.send(callOf(sent)));
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  const { catalogueStatements } = await shop.fault();
  // The first read, and then one in each half of a value's lifetime.
  const reads = 2 + Math.ceil((performance.now() - beganMs) / (PUBLISHED_AGE_MS / 2));
  return { answers, statements: catalogueStatements - before, statementsMax: reads * perRead };
}

describe('the catalogue under a crowd', () => {
  const shop = useEdgeShop();
  afterEach(() => shop.fault({ clockStands: false }));

  test.each<[string, (index: number) => Call, number, number]>([
    ['the list', () => ({ path: '/drops' }), 200, LIST_STATEMENTS],
    [
      'the list with made-up bookmarks',
      () => ({ path: '/drops', headers: { 'x-d1-bookmark': `${unique()}-1` } }),
      200,
      LIST_STATEMENTS,
    ],
    [
      'the list with bookmarks in cookies',
      () => ({ path: '/drops', headers: { cookie: `bookmark=${unique()}-1` } }),
      200,
      LIST_STATEMENTS,
    ],
    ['an unknown slug', () => ({ path: '/drops/never-made' }), 404, ABSENCE_STATEMENTS],
    ['the page of an unknown slug', () => ({ path: '/d/none-either' }), 404, ABSENCE_STATEMENTS],
    ['made-up ids', (index) => ({ path: `/drops/drp_${String(index).padStart(22, 'A')}` }), 404, 0],
    ['operators’ lists', () => ({ path: '/admin/drops' }), 401, 0],
    ['operators’ orders', () => ({ path: '/admin/orders' }), 401, 0],
    ['operators’ drops', (index) => ({ path: `/admin/drops/made-up-${index}` }), 401, 0],
  ])('is read a few times for %s', async (_, callOf, status, perRead) => {
    const { answers, statements, statementsMax } = await crowd(shop, callOf, perRead);
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([status]));
    expect(statements).toBeLessThanOrEqual(statementsMax);
  });

  test('is read for an operator who returns a bookmark', async () => {
    const made = await shop.admin({
      method: 'PATCH',
      path: `/admin/drops/${(await shop.createDrop()).id}`,
      json: { title: 'New' },
    });
    const headers = { 'x-d1-bookmark': String(made.headers['x-d1-bookmark']) };
    await shop.send({ path: '/drops' });
    const { catalogueStatements } = await shop.fault();
    const seen = await shop.admin({ path: '/drops', headers });
    expect(readJson<{ drops: Drop[] }>(seen).drops.map(({ title }) => title)).toContain('New');
    expect((await shop.fault()).catalogueStatements).toBe(catalogueStatements + LIST_STATEMENTS);
  });

  test('omits drops that ended long ago, except for operators and on their own pages', async () => {
    const [endedAt, justAfter] = [-LISTED_AFTER_END_MS - 60_000, -LISTED_AFTER_END_MS + 3_600_000];
    const ended = async (endsAt: number): Promise<AdminDrop> =>
      shop.createDrop({ startsAt: isoFromNow(2 * endsAt), endsAt: isoFromNow(endsAt) });
    const [old, recent, open] = [await ended(endedAt), await ended(justAfter), await shop.createDrop()];
    const listed = idsIn(await shop.send({ path: '/drops' }));
    expect(listed).toEqual(expect.arrayContaining([recent.id, open.id]));
    expect(listed).not.toContain(old.id);
    const { items } = readJson<{ drops: Drop[] }>(await shop.send({ path: '/drops' })).drops.find(
      ({ id }) => id === open.id,
    ) as Drop;
    expect(items).toHaveLength(1);
    expect(idsIn(await shop.admin({ path: '/admin/drops' }))).toEqual(
      expect.arrayContaining([old.id, recent.id, open.id]),
    );
    expect((await shop.drop(old.slug)).phase).toBe('ended');
  });

  test('is read immediately for a slug that this Worker did not find a moment before', async () => {
    const slug = `soon-${unique()}`;
    await shop.fault({ clockStands: true });
    expect((await shop.send({ path: `/drops/${slug}` })).status).toBe(404);
    await shop.createDrop({ slug });
    expect((await shop.send({ path: `/drops/${slug}` })).status).toBe(200);
  });

  test('is read immediately for purchases and operators after another Worker created the drop', async () => {
    // As if the drop were created meanwhile: this Worker does not receive the slug.
    const foundAfterAll = async (ask: (slug: string) => Promise<Answer>): Promise<number> => {
      const { slug } = await shop.createDrop();
      const rename = 'update drops set slug = ? where slug = ?';
      await shop.catalogue(rename, `not-yet-${slug}`, slug);
      await shop.fault({ clockStands: true });
      expect((await shop.send({ path: `/drops/${slug}` })).status).toBe(404);
      await shop.catalogue(rename, slug, `not-yet-${slug}`);
      return (await ask(slug)).status;
    };
    expect(await foundAfterAll((slug) => shop.send(purchaseCall(slug)))).toBe(201);
    expect(await foundAfterAll((slug) => shop.admin({ path: `/admin/drops/${slug}` }))).toBe(200);
  });

  test('does not mistake a shard’s entry for a drop', async () => {
    const drop = await shop.createDrop({ shards: 2 });
    expect((await shop.send({ path: `/drops/${encodeURIComponent(`${drop.slug}#1`)}` })).status).toBe(404);
  });
});

describe('rate limits of catalogue reads', () => {
  const counted = useEdgeShop({ RATE_LIMIT: 'on' });
  const limit = 3;
  const bound = useEdgeShop(
    { RATE_LIMIT: 'on' },
    { LOOKUP_RATE: limit, LOGIN_RATE: limit, ADDRESS_RATE: limit },
  );

  const unknown = (address: string): Call => ({
    path: `/drops/${unique()}`,
    headers: { 'cf-connecting-ip': address },
  });

  test.each<[string, EdgeShop]>([
    ['this Worker', counted],
    ['the platform', bound],
  ])('are counted by %s per address, and do not count known drops', async (_, shop) => {
    const drop = await shop.createDrop();
    const refused = await until(
      () => shop.send(unknown('203.0.113.5')),
      ({ status }) => status === 429,
    );
    expect(refused.headers['retry-after']).toMatch(/^[1-9]\d*$/);
    expect(refused.headers.ratelimit).toMatch(/^"address-lookups";r=0/);
    expect((await shop.send(unknown('203.0.113.6'))).status).toBe(404);
    await shop.drop(drop.slug);
    const headers = { 'cf-connecting-ip': '203.0.113.5' };
    expect((await shop.send({ path: `/drops/${drop.slug}`, headers })).status).toBe(200);
    // The answer then omits the drop, but not the Worker's state: a monitor must not see an outage.
    expect((await shop.send({ path: `/readyz?dropId=${unique()}`, headers })).status).toBe(200);
  });

  test.each<[string, EdgeShop]>([
    ['this Worker', counted],
    ['the platform', bound],
  ])('do not count drops of the list that were not looked up, where %s counts', async (_, shop) => {
    const drop = await shop.createDrop();
    const address = '203.0.113.8';
    await until(
      () => shop.send(unknown(address)),
      ({ status }) => status === 429,
    );
    const headers = { 'cf-connecting-ip': address };
    expect((await shop.send({ path: `/d/${drop.slug}`, headers })).status).toBe(200);
  });

  test('refuse by the platform’s counts long before this Worker’s own', async () => {
    const headers = { 'cf-connecting-ip': '203.0.113.7' };
    const askedUntilRefused = async (call: Call): Promise<number> => {
      let asked = 0;
      await until(
        async () => {
          asked += 1;
          return bound.send({ ...call, headers });
        },
        ({ status }) => status === 429,
      );
      return asked;
    };
    // The limiter's window may change meanwhile.
    expect(await askedUntilRefused({ path: '/docs' })).toBeLessThanOrEqual(2 * limit + 1);
    expect(await askedUntilRefused({ path: '/admin/drops', token: 'wrong' })).toBeLessThanOrEqual(
      2 * limit + 1,
    );
  });

  test('have the same quotas in wrangler.toml', () => {
    const { ratelimits } = unstable_readConfig({ config: 'wrangler.toml' }) as {
      ratelimits: { name: string; simple: { limit: number; period: number } }[];
    };
    const period = RATE_WINDOW_MS / 1_000;
    expect(Object.fromEntries(ratelimits.map(({ name, simple }) => [name, simple]))).toEqual({
      ADDRESS_RATE: { limit: ADDRESS_REQUESTS_MAX, period },
      LOGIN_RATE: { limit: FAILED_LOGINS_MAX, period },
      LOOKUP_RATE: { limit: ADDRESS_LOOKUPS_MAX, period },
    });
  });
});
