/** POST /purchase with one invalid field: its path is named, no data repeated, nothing changed. */
import { describe } from 'vitest';
import { canary } from '../support/client.ts';
import { runtimes, useServer } from '../support/contract-server.ts';
import { type RefusedRequest, runRefusals } from '../support/scenario.ts';
import { customer, phoneNumber, purchaseCall, unique } from '../support/shop.ts';

const email = (): string => `buyer-${unique()}@${canary}.example`;

/** One invalid field: the change to a valid body, and the path that the problem names. */
const invalidBody = (name: string, changes: Record<string, unknown>, path: string): RefusedRequest => ({
  name,
  request: (drop) => purchaseCall(drop.id, changes),
  status: 422,
  code: 'invalid',
  paths: [path],
});

const invalidCustomer = (name: string, changes: Record<string, unknown>, path: string): RefusedRequest =>
  invalidBody(`customer: ${name}`, { customer: customer(changes) }, `customer.${path}`);

/** Bodies that JSON.stringify can't write: `fields` is JSON text inside an otherwise valid body. */
const invalidText = (name: string, fields: string, path: string): RefusedRequest => ({
  name,
  request: (drop) => ({
    method: 'POST',
    path: '/purchase',
    body: `{"dropId":"${drop.id}","quantity":1,"customer":{"email":"${email()}"},${fields}}`,
  }),
  status: 422,
  code: 'invalid',
  paths: [path],
});

const quantities: readonly RefusedRequest[] = [
  ...[0, -1, 1.5, 101, 2 ** 53, 1e308, '1', '', true, null, [], [1], {}, undefined].map((quantity) =>
    invalidBody(`quantity ${JSON.stringify(quantity)}`, { quantity }, 'quantity'),
  ),
  ...['1e999', '-1e999', '9007199254740993', '0.1e-400', '-0'].map((text) =>
    invalidText(`quantity ${text} as the last of two`, `"quantity":${text}`, 'quantity'),
  ),
];

const emails: readonly RefusedRequest[] = [
  undefined,
  null,
  '',
  '   ',
  5,
  [`list@${canary}.example`],
  canary,
  `@${canary}.example`,
  `${canary}@`,
  `${canary}@@${canary}.example`,
  `${canary} space@${canary}.example`,
  `${canary}@${canary} .example`,
  `${canary}\u0000@${canary}.example`,
  `${canary}@${canary}.example\r\nBcc: other@${canary}.example`,
  `${'e'.repeat(64)}@${canary}.${'d'.repeat(63)}.${'d'.repeat(63)}.${'d'.repeat(47)}.example`,
  `${'e'.repeat(300 - 15)}@${canary}.example`,
].map((value) => invalidCustomer(`e-mail ${JSON.stringify(value)?.slice(0, 60)}`, { email: value }, 'email'));

const texts: readonly RefusedRequest[] = [
  ...[
    ['CRLF', 'Canary\r\nX-Injected: 1'],
    ['line feed', 'Canary\nNadel'],
    ['tab', 'Canary\tNadel'],
    ['NUL', 'Canary\u0000Nadel'],
    ['escape', 'Canary\u001b[31mNadel'],
    ['DEL', 'Canary\u007fNadel'],
    ['C1 control', 'Canary\u0085Nadel'],
    ['201 characters', `Canary${'n'.repeat(195)}`],
    ['number', 5],
    ['object', { first: 'Canary' }],
  ].map(([what, value]) => invalidCustomer(`name with ${what}`, { name: value }, 'name')),
  ...[
    ['NUL', 'Canary Street\u0000 1'],
    ['carriage return', 'Canary Street 1\rNowhere'],
    ['escape', 'Canary\u001b[31m Street'],
    ['1001 characters', `Canary${'a'.repeat(995)}`],
    ['object', { street: 'Canary Street 1' }],
  ].map(([what, value]) => invalidCustomer(`address with ${what}`, { address: value }, 'address')),
  ...[
    phoneNumber().slice(1),
    '+123456',
    `${phoneNumber()}55`,
    `${phoneNumber()}x1`,
    `${phoneNumber()}\u0000`,
    '+',
    '',
    19995550123456,
  ].map((phone) => invalidCustomer(`phone ${JSON.stringify(phone)}`, { phone }, 'phone')),
  invalidText(
    'high surrogate alone',
    `"customer":{"email":"${email()}","name":"Canary \\ud800"}`,
    'customer.name',
  ),
  invalidText(
    'low surrogate alone',
    `"customer":{"email":"${email()}","name":"\\udc00 Canary"}`,
    'customer.name',
  ),
  invalidText(
    'surrogate alone in the address',
    `"customer":{"email":"${email()}","address":"Canary \\udfff"}`,
    'customer.address',
  ),
  invalidText('surrogate alone in the sku', `"sku":"\\ud800"`, 'sku'),
];

const shapes: readonly RefusedRequest[] = [
  invalidBody('no customer', { customer: undefined }, 'customer'),
  ...[null, 'canary', 7].map((value) =>
    invalidBody(`customer ${JSON.stringify(value)}`, { customer: value }, 'customer'),
  ),
  invalidBody('unknown key', { price: 1 }, 'price'),
  invalidBody('unknown key of the customer', { customer: customer({ admin: true }) }, 'customer.admin'),
  ...['__proto__', 'constructor', 'toString'].flatMap((key) => [
    invalidText(`key ${key}`, `"${key}":{"canary":1}`, key),
    invalidText(
      `key ${key} of the customer`,
      `"customer":{"email":"${email()}","${key}":{"canary":1}}`,
      `customer.${key}`,
    ),
  ]),
  { ...invalidBody('customer []', { customer: [] }, ''), paths: ['customer.email'] },
  ...['null', '[]', '"canary"', '1', 'true', '[{"dropId":"canary"}]'].map(
    (body): RefusedRequest => ({
      name: `body ${body}`,
      request: () => ({ method: 'POST', path: '/purchase', body }),
      status: 422,
      code: 'invalid',
    }),
  ),
  ...[null, 5, {}, ['x'], undefined].map((dropId) =>
    invalidBody(`dropId ${JSON.stringify(dropId)}`, { dropId }, 'dropId'),
  ),
];

describe.each(runtimes)('refused purchase fields on %s', (runtime) => {
  const shop = useServer(runtime);
  describe('quantity', () => runRefusals(shop, quantities));
  describe('e-mail', () => runRefusals(shop, emails));
  describe('text', () => runRefusals(shop, texts));
  describe('shape', () => runRefusals(shop, shapes));
});
