/** The quick check of a purchase's body accepts only what the schema returns unchanged. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { check } from '../../../src/http/json.ts';
import { isPlainPurchase } from '../../../src/http/plain-purchase.ts';
import { purchaseBody } from '../../../src/http/purchase-body.ts';
import {
  ADDRESS_CHARACTERS_MAX,
  EMAIL_CHARACTERS_MAX,
  NAME_CHARACTERS_MAX,
  QUANTITY_PER_ORDER_MAX,
  SKU_CHARACTERS_MAX,
  SLUG_CHARACTERS_MAX,
} from '../../../src/limits.ts';

const usual = {
  dropId: 'drp_4pY0dXJsIDIyIGNoYXJzIQ',
  sku: 'eu-42',
  quantity: 2,
  customer: { email: 'ann@mail.example', name: "Ann O'Neil", address: '1 Main St\nTown' },
};
const { sku: _, ...withoutSku } = usual;

test.each([usual, withoutSku, { ...usual, customer: { email: 'a.b+c@x-y.example' } }])(
  'the usual body %# is recognized',
  (body) => {
    expect(isPlainPurchase(body)).toBe(true);
  },
);

/** Short text of characters that rules distinguish, sometimes as long as a limit or one longer. */
const text = (max: number) =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.string({ unit: fc.constantFrom(...'aZ9.-_ \n\t@é\u200b\u0000~!'), maxLength: 6 }),
    },
    fc.constantFrom(
      ...[max, max + 1].flatMap((length) => ['a'.repeat(length), `a${' '.repeat(length - 2)}a`]),
    ),
  );
const emails = fc.oneof(
  fc.tuple(text(64), text(63), text(63)).map(([name, host, top]) => `${name}@${host}.${top}`),
  fc.constantFrom(
    'a@b.example',
    'A@b.example',
    ' a@b.example',
    'a@b..example',
    'a@-b.example',
    'a@b-.example',
  ),
  fc.constant(`${'a'.repeat(EMAIL_CHARACTERS_MAX - 2)}@b`),
  text(EMAIL_CHARACTERS_MAX),
);
const anything = fc.oneof(fc.constantFrom(null, true, 0, '', 1.5), fc.constant([]), fc.constant({}));
const mostly = <T>(arbitrary: fc.Arbitrary<T>) => fc.oneof({ weight: 8, arbitrary }, anything);
const more = fc.option(fc.constantFrom('__proto__', 'constructor', 'toString', 'more', 'phone'), { freq: 6 });

/** The text of an object with one more field; as JSON, because `__proto__` is a field there. */
const withMore = (fields: object, name: string | null): string => {
  const json = JSON.stringify(fields);
  return name === null ? json : `${json.slice(0, -1)}${json === '{}' ? '' : ','}"${name}":"1"}`;
};
const customers = fc
  .record(
    {
      email: mostly(emails),
      name: mostly(text(NAME_CHARACTERS_MAX)),
      address: mostly(text(ADDRESS_CHARACTERS_MAX)),
    },
    { requiredKeys: [] },
  )
  .chain((fields) => more.map((name) => JSON.parse(withMore(fields, name)) as unknown));
const quantities = fc.oneof(
  fc.integer({ min: -1, max: QUANTITY_PER_ORDER_MAX + 1 }),
  fc.constantFrom(1.5, 2 ** 53, -0, '1'),
);
const bodies = fc
  .record(
    {
      dropId: mostly(text(SLUG_CHARACTERS_MAX)),
      sku: mostly(text(SKU_CHARACTERS_MAX)),
      quantity: mostly(quantities),
      customer: mostly(customers),
    },
    { requiredKeys: ['quantity'] },
  )
  .chain((fields) => more.map((name) => JSON.parse(withMore(fields, name)) as unknown));

/** A body of which one field is by chance, so that the others do not hide it. */
const nearlyUsual = fc.oneof(
  fc.record({ dropId: text(SLUG_CHARACTERS_MAX) }),
  fc.record({ sku: text(SKU_CHARACTERS_MAX) }),
  fc.record({ quantity: quantities }),
  fc.record({ customer: customers }),
  fc.record({ customer: emails.map((email) => ({ email })) }),
  fc.record({ customer: text(NAME_CHARACTERS_MAX).map((name) => ({ ...usual.customer, name })) }),
  fc.record({ customer: text(ADDRESS_CHARACTERS_MAX).map((address) => ({ ...usual.customer, address })) }),
);

test('the schema returns every recognized body unchanged', () => {
  let recognized = 0;
  const agree = (body: unknown): void => {
    if (!isPlainPurchase(body)) return;
    recognized += 1;
    expect(check(purchaseBody, body)).toEqual(body);
  };
  fc.assert(fc.property(anything, agree));
  fc.assert(fc.property(bodies, agree), { numRuns: 3_000 });
  fc.assert(
    fc.property(nearlyUsual, (field) => agree({ ...usual, ...field })),
    { numRuns: 5_000 },
  );
  expect(recognized).toBeGreaterThan(500);
});
