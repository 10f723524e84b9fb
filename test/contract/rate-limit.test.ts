/** Rate limits over HTTP: by address, customer and wrong tokens, with headers; never for drops. */
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  ADDRESS_REQUESTS_MAX,
  CUSTOMER_PURCHASES_MAX,
  FAILED_LOGINS_MAX,
} from '../../src/domain/client-limits.ts';
import { ADDRESS_LISTENERS_MAX } from '../../src/limits.ts';
import type { Answer } from '../support/client.ts';
import { machines, useServer } from '../support/contract-server.ts';
import { EventStream } from '../support/event-stream.ts';
import { customer, purchaseCall, sleep, until } from '../support/shop.ts';
import { burst, refusedAfter, spendQuota } from '../support/spent-quota.ts';

const from = (address: string) => ({ 'x-forwarded-for': address });
const statusesOf = (answers: readonly Answer[]) =>
  Object.fromEntries(
    [...Map.groupBy(answers, ({ status }) => status)].map(([status, all]) => [status, all.length]),
  );

/** Sends `count` requests, some at a time; resolves to all answers. */
async function inRowsOf<T>(count: number, ask: (index: number) => Promise<T>): Promise<T[]> {
  const answers: T[] = [];
  while (answers.length < count) {
    const width = Math.min(40, count - answers.length);
    answers.push(...(await burst(width, ask, answers.length)));
  }
  return answers;
}

describe.each(machines)('rate limits on %s', (runtime) => {
  // The warm-up's purchases from the same address must not use up a quota.
  const shop = useServer(runtime, {
    RATE_LIMIT: 'on',
    ADDRESS_UNITS_MAX: '100000',
    TRUSTED_PROXIES: '127.0.0.0/8',
    WARM_UP: 'on',
  });

  test('an address gets its quota, whatever it claims to be, and a Retry-After', async () => {
    const drop = await shop.createDrop({ items: [{ sku: 'one', name: 'One', price: 1, stock: 1_000 }] });
    const first = await shop.send(purchaseCall(drop.id));
    expect(first.headers['ratelimit-policy']).toBe(`"address";q=${ADDRESS_REQUESTS_MAX};w=60`);
    expect(first.headers.ratelimit).toMatch(new RegExp(`^"address";r=${ADDRESS_REQUESTS_MAX - 1};t=[12]$`));
    const answers = await inRowsOf(ADDRESS_REQUESTS_MAX + 60, (index) =>
      // Entries that the buyer writes precede the one that the proxy adds.
      shop.send({ ...purchaseCall(drop.id), headers: from(`192.0.2.${index % 200}, 127.0.0.1`) }),
    );
    // The proxy's own address is the last trusted one: each claimed address has its own quota.
    expect(statusesOf(answers)).toEqual({ 201: ADDRESS_REQUESTS_MAX + 60 });

    const ofOne = await spendQuota(ADDRESS_REQUESTS_MAX, (index) =>
      shop.send({ ...purchaseCall(drop.id), headers: from(`198.51.100.${index % 200}, 203.0.113.5`) }),
    );
    const refused = ofOne.filter(({ status }) => status === 429);
    expect(JSON.parse(refused[0]?.text ?? '')).toMatchObject({ code: 'rate_limited' });
    expect(Number(refused[0]?.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect(refused.at(-1)?.headers.ratelimit).toMatch(/^"address";r=0;t=\d+$/);
    const drops = await inRowsOf(60, () => shop.send({ path: '/drops', headers: from('203.0.113.5') }));
    expect(statusesOf(drops)).toEqual({ 200: 60 });
  });

  test('an IPv6 client is counted by its /64', async () => {
    const drop = await shop.createDrop({ items: [{ sku: 'one', name: 'One', price: 1, stock: 1_000 }] });
    await spendQuota(ADDRESS_REQUESTS_MAX, (index) =>
      shop.send({ ...purchaseCall(drop.id), headers: from(`2001:db8:1:2::${index.toString(16)}`) }),
    );
    const neighbour = { ...purchaseCall(drop.id), headers: from('2001:db8:1:3::1') };
    expect((await shop.send(neighbour)).status).toBe(201);
  });

  test('a customer is limited across addresses, before the writer', async () => {
    const drop = await shop.createDrop({ items: [{ sku: 'one', name: 'One', price: 1, stock: 1_000 }] });
    const buyer = customer();
    const answers = await spendQuota(CUSTOMER_PURCHASES_MAX, (index) =>
      shop.send({ ...purchaseCall(drop.id, { customer: buyer }), headers: from(`192.0.2.${index % 250}`) }),
    );
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused[0]?.headers.ratelimit).toMatch(/^"customer";r=0;t=\d+$/);
    expect((await shop.drop(drop.id)).items[0]?.held).toBe(answers.length - refused.length);
  });

  test('wrong tokens are rate-limited, and never lock out an operator at the same address', async () => {
    const headers = from('192.0.2.250');
    const guess = () => shop.send({ path: '/admin/drops', token: 'wrong', headers });
    const refused = await refusedAfter(() => burst(2 * FAILED_LOGINS_MAX, guess), guess);
    expect(refused.headers.ratelimit).toMatch(/^"login";r=0;t=\d+$/);
    expect((await shop.admin({ path: '/admin/drops', headers })).status).toBe(200);
    const elsewhere = { path: '/admin/drops', token: 'wrong', headers: from('192.0.2.251') };
    expect((await shop.send(elsewhere)).status).toBe(401);
  });

  test('buyers are distinguished where the proxy adds ports, and an unreadable address is logged once', async () => {
    const drop = await shop.createDrop({ items: [{ sku: 'one', name: 'One', price: 1, stock: 1_000 }] });
    const remaining = async (entry: string): Promise<string | undefined> => {
      const { headers } = await shop.send({ ...purchaseCall(drop.id), headers: from(entry) });
      return /r=\d+/.exec(String(headers.ratelimit))?.[0];
    };
    const whole = `r=${ADDRESS_REQUESTS_MAX - 1}`;
    for (const entry of [
      '192.0.2.61:4711',
      '192.0.2.62:4711',
      '[2001:db8:61::1]:443',
      '[2001:db8:62::1]:443',
    ]) {
      expect([entry, await remaining(entry)]).toEqual([entry, whole]);
    }
    await remaining('_hidden.61');
    await remaining('_hidden.62');
    const warnings = shop.server
      .output()
      .split('\n')
      .filter((line) => line.includes('is not an IP address'));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('"_a.0"');
    expect(warnings[0]).not.toContain('hidden');
  });
});

describe.each(machines)('live streams of one address on %s', (runtime) => {
  const shop = useServer(runtime, { RATE_LIMIT: 'on', TRUSTED_PROXIES: '127.0.0.0/8' });

  test('are limited; others get theirs, and a closed stream frees its slot', async () => {
    const drop = await shop.createDrop();
    const path = `/drops/${drop.id}/stock`;
    const open = (address: string) =>
      new EventStream().open(`${shop.server.url}${path}`, undefined, from(address));
    const streams = await inRowsOf(ADDRESS_LISTENERS_MAX, () => open('192.0.2.1'));
    onTestFinished(() => {
      for (const stream of streams) stream.close();
    });
    const refused = await shop.send({ path, headers: from('192.0.2.1') });
    expect(refused.status).toBe(429);
    expect(JSON.parse(refused.text)).toMatchObject({ code: 'rate_limited' });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    streams.push(await open('192.0.2.2'));
    streams[0]?.close();
    const late = await until(
      () => open('192.0.2.1').catch(() => null),
      (stream) => stream !== null,
    );
    if (late) streams.push(late);
  });
});

describe.each(machines)('rate limits without a named proxy on %s', (runtime) => {
  const shop = useServer(runtime, { RATE_LIMIT: 'on' });
  const claimed = (index: number) => from(`192.0.2.${index % 250}`);

  test('a claimed address is ignored, and the log says once what to set', async () => {
    const drop = await shop.createDrop({ items: [{ sku: 'one', name: 'One', price: 1, stock: 1_000 }] });
    const buyer = await shop.buy(drop.id);
    const path = `/orders/${buyer.order.id}`;
    const ask = (index: number) => shop.send({ path, token: buyer.token, headers: claimed(index) });
    const refused = await refusedAfter(
      () => burst(40, ask),
      () => ask(0),
    );
    expect(refused.headers['ratelimit-policy']).toBe(`"address";q=${ADDRESS_REQUESTS_MAX};w=60`);
    const warnings = shop.server
      .output()
      .split('\n')
      .filter((line) => line.includes('TRUSTED_PROXIES'));
    expect(warnings).toHaveLength(1);

    const limited = [
      purchaseCall(drop.id),
      { path, token: buyer.token },
      { method: 'POST', path: '/orders/none/cancel', token: buyer.token },
      { path: `/pay/${buyer.order.id}` },
      { path: '/docs' },
      { path: '/openapi.json' },
      { path: '/problems/sold_out' },
    ];
    for (const call of limited) {
      await refusedAfter(
        () => burst(40, ask),
        () => shop.send(call),
      );
    }

    const webhook = { method: 'POST', path: '/payments/sandbox/webhook', body: '{}' };
    expect((await shop.send(webhook)).status).toBe(401);
    for (const open of ['/drops', `/drops/${drop.id}`, '/livez', '/readyz']) {
      const answer = await shop.send({ path: open });
      expect([open, answer.status, answer.headers.ratelimit]).toEqual([open, 200, undefined]);
    }

    await sleep(Number(refused.headers['retry-after']) * 1_000);
    expect((await shop.order(buyer)).order.status).toBe('held');
  });
});
