/** Bytes that no HTTP client sends: every runtime reads one request, and only from its sender. */
import { beforeAll, describe, expect, test } from 'vitest';
import { ADDRESS_REQUESTS_MAX } from '../../src/domain/client-limits.ts';
import { machines, useServer } from '../support/contract-server.ts';
import { sendRaw, statusesOf } from '../support/raw-request.ts';
import type { AdminDrop, Purchase } from '../support/shapes.ts';
import { spendQuota } from '../support/spent-quota.ts';
import { disguises, hidden, length, lines, post, twoReadings } from './smuggled-bytes.ts';

describe.each(machines)('raw requests on %s', (runtime) => {
  const shop = useServer(runtime);
  let drop: AdminDrop;
  let mine: Purchase;
  beforeAll(async () => {
    drop = await shop.createDrop();
    mine = await shop.buy(drop.id);
  });
  const raw = (bytes: string): Promise<string> => sendRaw(shop.server.url, Buffer.from(bytes, 'latin1'));
  const state = () => shop.stateOf(drop.id);
  /** The constant text of a harmless route: an answer with it shows an executed hidden request. */
  const versionAnswer = '"runtime":"';

  test.each(Object.entries(twoReadings))('%s is one request, or none', async (_, bytes) => {
    const before = await state();
    const received = await raw(bytes);
    const statuses = statusesOf(received);
    expect(received).not.toContain(versionAnswer);
    expect(
      statuses.filter((status) => status >= 500 && status !== 501 && status !== 505),
      received,
    ).toEqual([]);
    expect(statuses.length, received).toBeLessThanOrEqual(1);
    expect(received).not.toContain('canary');
    expect(await state()).toBe(before);
    expect((await shop.send({ path: '/livez' })).status).toBe(200);
  });

  test('two pipelined requests get two answers', async () => {
    // Otherwise the tests above would prove nothing.
    const two = await raw(`${post([length('{}')], '{}')}${hidden}`);
    expect(statusesOf(two)).toEqual([422, 200]);
    expect(two).toContain(versionAnswer);
  });

  test('no encoding of a path bypasses operator authentication', async () => {
    const answers = new Set<number>();
    for (const path of disguises(drop.id)) {
      for (const method of ['GET', 'POST', 'PATCH']) {
        const received = await raw(
          lines(`${method} ${path} HTTP/1.1`, 'Host: localhost', 'Connection: close', 'Content-Length: 0'),
        );
        expect(received, path).not.toMatch(/"createdAt"|"published"|"items"/);
        const [status = 400, ...more] = statusesOf(received);
        expect(more, path).toEqual([]);
        answers.add(status);
        expect([400, 401, 404, 405], `${method} ${path}: ${received.slice(0, 200)}`).toContain(status);
      }
    }
    expect(answers).toContain(401);
  });

  test.each([
    'X-HTTP-Method-Override',
    'X-HTTP-Method',
    'X-Method-Override',
    'X-Original-URL',
    'X-Rewrite-URL',
  ])('%s overrides nothing', async (name) => {
    const value = name.endsWith('URL') ? '/admin/drops' : 'PATCH';
    const before = await state();
    expect((await shop.send({ path: '/version', headers: { [name]: value } })).text).toContain('runtime');
    const path = `/drops/${drop.id}`;
    const asPost = await shop.send({
      method: 'POST',
      path,
      json: { paused: true },
      headers: { [name]: value },
    });
    expect(asPost.status).toBe(405);
    expect((await shop.send({ path: `${path}?_method=PATCH`, headers: { [name]: value } })).status).toBe(200);
    expect(await state()).toBe(before);
  });

  test('10,000 query parameters, and a path of 10,000 characters', async () => {
    const query = Array.from({ length: 10_000 }, (_, index) => `p${index}`).join('&');
    for (const path of [
      `/drops?${query}`,
      `/${'a'.repeat(10_000)}`,
      `/drops/${'a/'.repeat(5_000)}`,
      `/admin/${'a/'.repeat(5_000)}`,
    ]) {
      for (const status of statusesOf(
        await raw(lines(`GET ${path} HTTP/1.1`, 'Host: localhost', 'Connection: close')),
      )) {
        expect([200, 400, 401, 404, 414, 431]).toContain(status);
      }
    }
  });

  test('a forged Host header is not repeated', async () => {
    const made = 'evil.canary.example';
    const order = `/orders/${mine.order.id}`;
    for (const path of [
      '/',
      `/d/${drop.slug}`,
      `/o/${mine.order.id}`,
      '/openapi.json',
      `/pay/${mine.order.id}`,
      order,
      '/drops',
    ]) {
      const fields = [
        `Host: ${made}`,
        `X-Forwarded-Host: ${made}`,
        `Forwarded: host=${made}`,
        `X-Forwarded-Proto: canary`,
      ];
      const received = await raw(
        lines(`GET ${path} HTTP/1.1`, ...fields, `Authorization: Bearer ${mine.token}`, 'Connection: close'),
      );
      expect(received, path).not.toContain(made);
      expect(statusesOf(received), path).toHaveLength(1);
    }
    const body = JSON.stringify({ dropId: drop.id, quantity: 1, customer: { email: 'ada@example.com' } });
    const fields = [`Host: ${made}`, 'Content-Type: application/json', length(body), 'Connection: close'];
    const bought = await raw(`${lines('POST /purchase HTTP/1.1', ...fields)}${body}`);
    expect(statusesOf(bought)).toEqual([201]);
    expect(bought).not.toContain(made);
  });
});

describe.each(machines)('a forged address on %s', (runtime) => {
  const shop = useServer(runtime, { RATE_LIMIT: 'on' });

  test('gets no separate quota, whichever header contains it', async () => {
    const headersOf = (index: number): Record<string, string> =>
      Object.fromEntries(
        [
          'X-Forwarded-For',
          'X-Real-IP',
          'Forwarded',
          'CF-Connecting-IP',
          'True-Client-IP',
          'X-Client-IP',
          'Fly-Client-IP',
        ].map((name) => [
          name,
          name === 'Forwarded' ? `for=198.51.100.${index % 250}` : `198.51.100.${index % 250}`,
        ]),
      );
    await spendQuota(ADDRESS_REQUESTS_MAX, (index) =>
      shop.send({ path: '/orders/none', headers: headersOf(index) }),
    );
  });
});
