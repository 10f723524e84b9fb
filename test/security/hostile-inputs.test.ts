/** Hostile fields, ids, parameters, headers and bodies on every route of the published document. */
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { isOperators, type Operation } from '../../src/http/operation.ts';
import { type Call, canary } from '../support/client.ts';
import { runtimes, useServer } from '../support/contract-server.ts';
import {
  bodySchemaOf,
  bodyWith,
  bodyWithTwo,
  fieldsOf,
  parametersOf,
  wholeBody,
} from './attacked-operation.ts';
import {
  hostileHeaders,
  hostileIds,
  hostileKeys,
  hostileQueries,
  hostileValuesFor,
} from './hostile-values.ts';
import { operationsOn, Target } from './target.ts';

const typed = (type: string, body: string | Uint8Array = '{}'): Partial<Call> => ({
  body,
  headers: { 'Content-Type': type },
});
const bomb = gzipSync(Buffer.alloc(40_000_000, 0x20));
/** Not repeated a hundred times: an endless stream, and operations with a thread of their own. */
const takesLong = new Set(['watchStock', 'audit', 'exportOrders', 'exportDrop']);
const utf16 = (text: string): Buffer => Buffer.from(`\ufeff${text}`, 'utf16le');

/** Bodies that no parser accepts, whatever the valid one is. */
const unreadable = (whole: string): Record<string, Partial<Call>> => ({
  'text/plain': typed('text/plain', whole),
  'a form': typed('application/x-www-form-urlencoded', 'outcome=canary&__proto__=1'),
  multipart: typed('multipart/form-data; boundary=canary', '--canary--'),
  'no type': { body: whole, untyped: true },
  'JSON that says UTF-16': typed('application/json; charset=utf-16', utf16(whole)),
  'JSON that says UTF-7': typed('application/json; charset=utf-7', whole),
  'JSON in UTF-16': { body: utf16(whole) },
  'a byte order mark': { body: `\ufeff${whole}` },
  'a gzip bomb': { body: bomb, headers: { 'Content-Encoding': 'gzip' } },
  'a gzip bomb that says nothing': { body: bomb },
  '1 MB': { body: 'x'.repeat(1_000_000) },
  '1 MB in chunks': { body: 'x'.repeat(1_000_000), chunked: true },
  '20,000 lists': { body: `${'['.repeat(20_000)}${']'.repeat(20_000)}` },
  '10,000 objects': { body: `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}` },
  '9,000 keys': { body: `{${Array.from({ length: 9_000 }, (_, key) => `"${key}":0`).join()}}` },
  'a number of 60,000 digits': { body: '9'.repeat(60_000) },
  'two values': { body: `${whole}${whole}` },
  'half of it': { body: whole.slice(0, -1) },
  'null, false and a list': { body: '[null, false, []]' },
});

describe.each(runtimes)('hostile input on %s', (runtime) => {
  const shop = useServer(runtime);
  const operations = operationsOn(runtime);
  let target: Target;
  beforeAll(async () => {
    target = await Target.at(shop);
  });
  const having = (fits: (operation: Operation) => unknown): (readonly [string, Operation])[] =>
    operations.filter(fits).map((operation) => [operation.id, operation] as const);

  test.each(having(({ path }) => path.includes(':id')))('the id of %s', async (_, operation) => {
    const swapped = (id: string): string =>
      id.replace(/[a-z]/gi, (mail) =>
        mail === mail.toLowerCase() ? mail.toUpperCase() : mail.toLowerCase(),
      );
    const ids = [target.drop.id, target.purchase.order.id].flatMap((id) => [
      ...[`${id}A`, id.slice(0, -1), swapped(id), `${id}%00`, `${id}%0a`, id.replace('_', '')],
      ...[`%20${id}`, `${id};x`, id.replace(/^..../, 'rfd_')],
    ]);
    await target.expectRefused([...hostileIds, ...ids].map((id) => target.callOf(operation, id)));
  });

  /** Pages for people, which the document does not list. */
  test.each([
    ['GET', '/d/:slug', 'slug'],
    ['POST', '/d/:slug', 'slug'],
    ['GET', '/o/:id', 'order'],
    ['POST', '/o/:id/cancel', 'order'],
    ['GET', '/pay/:id', 'order'],
  ] as const)('the name in %s %s', async (method, path, of) => {
    const name = of === 'slug' ? target.drop.slug : target.purchase.order.id;
    // Spaces that a trim removes, and one that no header can contain.
    const own = ['%E2%82%AC', 'a%0Ab', `%20${name}`, `%E3%80%80${name}`, `${name}%C2%A0`, `${name}%E2%82%AC`];
    // An unknown order has a page, the same for every stranger.
    const ids = hostileIds.filter((id) => !/^ord_[\w-]{22}$/.test(id));
    const form = { email: `${canary}@${canary}.example`, quantity: '1', key: crypto.randomUUID() };
    await target.expectRefused(
      [...ids, ...own].map((id) => ({
        method,
        path: path.replace(/:\w+/, id),
        ...(method === 'POST' && { form }),
      })),
    );
  });

  test.each(having(parametersOfQuery))('the query of %s', async (_, operation) => {
    const call = target.callOf(operation);
    for (const name of parametersOfQuery(operation) ?? []) {
      for (const query of hostileQueries(name)) {
        const answer = await target.send({ ...call, path: `${call.path}?${query}` });
        expect(answer.text).not.toMatch(/sqlite|syntax error/i);
      }
    }
  });

  test.each(having(({ id, method }) => (method === 'get' && !takesLong.has(id)) || id === 'purchase'))(
    'the headers of %s',
    async (_, operation) => {
      const own = parametersOf(operation).filter((parameter) => parameter.in === 'header');
      const names = [
        'Accept-Language',
        'Cookie',
        'If-None-Match',
        'X-Forwarded-For',
        ...own.map(({ name }) => name),
      ];
      const schema = bodySchemaOf(operation);
      for (const name of new Set(names)) {
        for (const value of hostileHeaders) {
          const body = schema ? { json: wholeBody(schema, target.known) } : {};
          const answer = await target.send({
            ...target.callOf(operation),
            ...body,
            headers: { [name]: value },
          });
          const isKey = name === 'Idempotency-Key' && !/^[\u0021-\u007e]{16,255}$/.test(value.trim());
          if (isKey) expect(answer.status, value).toBe(422);
        }
      }
    },
  );

  test.each(having((operation) => isOperators(operation) || operation.access === 'order token'))(
    'the credentials of %s',
    async (_, operation) => {
      const { token, ...call } = target.callOf(operation);
      const wrong = [
        ...hostileHeaders.map((value) => `Bearer ${value}`),
        ...hostileHeaders,
        `Bearer ${token} ${token}`,
      ];
      await target.expectRefused(wrong.map((authorization) => ({ ...call, headers: { authorization } })));
    },
  );

  // After the ids: some harmless values become a drop with that slug.
  describe.each(having(bodySchemaOf))('the body of %s', (_, operation) => {
    const schema = bodySchemaOf(operation) ?? {};
    const calls = (bodies: readonly string[]): Call[] =>
      bodies.map((body) => ({ ...target.callOf(operation), body }));
    const whole = (): unknown => wholeBody(schema, target.known);

    test.each(fieldsOf(schema).map((field) => [field.name, field] as const))('%s', async (__, field) => {
      const { refused, harmless } = hostileValuesFor(field.schema);
      const body = whole();
      await target.expectRefused(
        calls([
          ...refused.map((value) => bodyWith(body, field.path, value)),
          ...refused.slice(0, 3).map((value) => bodyWithTwo(body, field, value)),
          ...(field.isNeeded ? [bodyWith(body, field.path, null)] : []),
        ]),
      );
      // A value that is accepted as text must be shown as text wherever it appears.
      await target.sendAll(calls(harmless.map((value) => bodyWith(whole(), field.path, value))));
    });

    test('unknown keys', async () => {
      const body = whole();
      const parents = [
        [],
        ...fieldsOf(schema)
          .filter(({ schema: of }) => of.type === 'object')
          .map(({ path }) => path),
      ];
      await target.expectRefused(
        calls(
          parents.flatMap((path) =>
            hostileKeys.map((key) =>
              // As text: `__proto__` set on an object would not become a key.
              bodyWith(body, [...path, 'unknown'], '1').replace(
                '"unknown":1',
                `${JSON.stringify(key)}:{"isAdmin":true}`,
              ),
            ),
          ),
        ),
      );
    });

    test('other types of body', async () => {
      const bodies = Object.values(unreadable(JSON.stringify(whole())));
      const isForm = ({ headers }: Partial<Call>) =>
        headers?.['Content-Type']?.startsWith('application/x-www');
      await target.expectRefused(bodies.map((body) => ({ ...target.callOf(operation), ...body })));
      expect(bodies.some(isForm)).toBe(true);
    });
  });

  test('a signed webhook with invalid content', async () => {
    const { order } = target.purchase;
    const data = { payment: 'pmt_canary', order: order.id, amount: order.total, currency: order.currency };
    const message = { type: 'payment.paid', data };
    const text = { type: 'string', maxLength: 10_000 } as const;
    const refused = [
      ...hostileValuesFor({ type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
        .refused.filter((value) => !/^0x|^9007199254740992$/.test(value))
        .map((value) => bodyWith(message, ['data', 'amount'], value)),
      ...hostileValuesFor({ type: 'string', enum: ['payment.paid'] }).refused.map((value) =>
        bodyWith(message, ['type'], value),
      ),
      ...['null', '5', '[]', '"x"'].map((value) => bodyWith(message, ['data'], value)),
      ...['', 'null', '[]', 'canary', '{"type":"payment.paid"}', `${'['.repeat(20_000)}`],
    ];
    await target.expectRefused(refused.map((body) => target.signed(body)));
    // A payment for an unknown order is still recorded, and refunded.
    for (const value of hostileValuesFor(text).harmless) {
      await target.send(target.signed(bodyWith(message, ['data', 'order'], value)));
    }
  });
});

function parametersOfQuery(operation: Operation): string[] | null {
  const names = parametersOf(operation)
    .filter((parameter) => parameter.in === 'query')
    .map(({ name }) => name);
  return names.length > 0 ? names : null;
}
