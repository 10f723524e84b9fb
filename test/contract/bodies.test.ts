/** Bodies that every JSON route rejects alike: too large, of another type, not JSON. */
import { describe } from 'vitest';
import { type Call, canary } from '../support/client.ts';
import { runtimes, useServer } from '../support/contract-server.ts';
import { runScenarios, type Scenario } from '../support/scenario.ts';
import type { AdminDrop } from '../support/shapes.ts';
import { payPath, purchaseCall, type Shop } from '../support/shop.ts';

const bodyMaxBytes = 64 * 1024;

/** A purchase padded with spaces to exactly `sizeBytes`, otherwise valid. */
function paddedPurchase(drop: AdminDrop, sizeBytes: number): string {
  const body = JSON.stringify(purchaseCall(drop.id).json);
  return body.padEnd(sizeBytes, ' ');
}

/** Every route that reads a body, as a call without one. */
const routes: readonly { name: string; call: (drop: AdminDrop, shop: Shop) => Call | Promise<Call> }[] = [
  { name: 'POST /purchase', call: () => ({ method: 'POST', path: '/purchase' }) },
  {
    name: 'POST /pay/:id',
    call: async (drop, shop) => ({ method: 'POST', path: payPath(await shop.buy(drop.id)) }),
  },
  {
    name: 'POST /admin/drops',
    call: (_drop, shop) => ({ method: 'POST', path: '/admin/drops', token: shop.server.adminToken }),
  },
  {
    name: 'PATCH /admin/drops/:id',
    call: (drop, shop) => ({
      method: 'PATCH',
      path: `/admin/drops/${drop.id}`,
      token: shop.server.adminToken,
    }),
  },
  {
    name: 'POST /admin/drops/:id/restock',
    call: (drop, shop) => ({
      method: 'POST',
      path: `/admin/drops/${drop.id}/restock`,
      token: shop.server.adminToken,
    }),
  },
];

/** Invalid bodies, and how every route answers them. */
const bodies: readonly (Partial<Call> & Pick<Scenario, 'name' | 'status' | 'code'>)[] = [
  { name: '1 MB with a length', body: 'x'.repeat(1_048_576), status: 413, code: 'too_large' },
  { name: '1 MB in chunks', body: 'x'.repeat(1_048_576), chunked: true, status: 413, code: 'too_large' },
  { name: 'one byte too many', body: '{}'.padEnd(bodyMaxBytes + 1), status: 413, code: 'too_large' },
  { name: 'text/plain', ...typed('text/plain'), status: 415, code: 'unsupported_media_type' },
  {
    name: 'multipart',
    ...typed('multipart/form-data; boundary=x'),
    status: 415,
    code: 'unsupported_media_type',
  },
  { name: 'a longer type', ...typed('application/jsonx'), status: 415, code: 'unsupported_media_type' },
  { name: 'a nameless type', ...typed(''), status: 415, code: 'unsupported_media_type' },
  { name: 'no type', body: '{}', untyped: true, status: 415, code: 'unsupported_media_type' },
  { name: 'empty', body: '', status: 400, code: 'malformed' },
  { name: 'blank', body: ' \n', status: 400, code: 'malformed' },
  { name: 'cut off', body: `{"email":"${canary}`, status: 400, code: 'malformed' },
  { name: 'not JSON', body: canary, status: 400, code: 'malformed' },
  { name: 'two values', body: '{}{}', status: 400, code: 'malformed' },
  { name: 'a raw NUL', body: '{}\u0000', status: 400, code: 'malformed' },
  { name: 'NaN', body: '{"quantity":NaN}', status: 400, code: 'malformed' },
  {
    name: 'invalid UTF-8',
    body: Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
    status: 400,
    code: 'malformed',
  },
  {
    name: 'a surrogate in UTF-8',
    body: Buffer.from([0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d]),
    status: 400,
    code: 'malformed',
  },
  { name: 'deep arrays', body: nested('[', ']'), status: [400, 422], code: ['malformed', 'invalid'] },
  {
    name: 'deep objects',
    body: nested('{"a":', '}', '1'),
    status: [400, 422],
    code: ['malformed', 'invalid'],
  },
];

function typed(type: string): Partial<Call> {
  return { body: '{}', headers: { 'Content-Type': type } };
}

/** JSON 20,000 levels deep where the body limit allows it, otherwise as deep as fits. */
function nested(open: string, close: string, inner = ''): string {
  const levels = Math.min(20_000, Math.floor((bodyMaxBytes - 1) / (open.length + close.length)));
  return `${open.repeat(levels)}${inner}${close.repeat(levels)}`;
}

describe.each(runtimes)('bodies on %s', (runtime) => {
  const shop = useServer(runtime);

  describe.each(routes)('$name', ({ call }) => {
    runScenarios(
      shop,
      bodies.map(
        ({ name, status, code, ...body }): Scenario => ({
          name,
          request: async (drop) => ({ ...(await call(drop, shop)), ...body }),
          status,
          ...(code === undefined ? {} : { code }),
        }),
      ),
    );
  });

  runScenarios(shop, [
    {
      name: 'takes a body of exactly the limit',
      request: (drop) => ({ method: 'POST', path: '/purchase', body: paddedPurchase(drop, bodyMaxBytes) }),
      status: 201,
      changes: true,
    },
    {
      name: 'refuses a valid purchase of one byte more, in chunks',
      request: (drop) => ({
        method: 'POST',
        path: '/purchase',
        body: paddedPurchase(drop, bodyMaxBytes + 1),
        chunked: true,
      }),
      status: 413,
      code: 'too_large',
    },
    {
      name: 'refuses deep JSON inside the customer',
      request: (drop) => ({
        method: 'POST',
        path: '/purchase',
        body: `{"dropId":"${drop.id}","quantity":1,"customer":${nested('[', ']').slice(500, -500)}}`,
      }),
      status: [400, 422],
      code: ['malformed', 'invalid'],
    },
  ]);
});
