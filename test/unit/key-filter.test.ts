/** The filter by which a Worker tells a retry from a new purchase: it never denies a key that has an order. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addKey, emptyFilter, mayHaveKey } from '../../src/database/edge/key-filter.ts';

const named = fc.tuple(fc.string({ maxLength: 20 }), fc.string({ minLength: 1, maxLength: 40 }));

test('knows every key that was added, however full it is', () => {
  fc.assert(
    fc.property(fc.array(named, { maxLength: 300 }), fc.nat({ max: 300 }), (keys, room) => {
      const filter = emptyFilter(room);
      for (const [customer, key] of keys) addKey(filter, customer, key);
      for (const [customer, key] of keys) expect(mayHaveKey(filter, customer, key)).toBe(true);
    }),
  );
});

test('takes few others for present while it has room', () => {
  const count = 20_000;
  const filter = emptyFilter(count);
  for (let index = 0; index < count; index += 1) addKey(filter, `customer-${index % 997}`, `key-${index}`);
  let wrong = 0;
  for (let index = 0; index < count; index += 1) {
    if (mayHaveKey(filter, `customer-${index % 997}`, `other-${index}`)) wrong += 1;
  }
  expect(wrong / count).toBeLessThan(0.03);
});
