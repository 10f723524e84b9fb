/** The filter by which a Worker tells retries from new purchases has no false negatives. */
import { serialize } from 'node:v8';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeyFilter } from '../../../src/edge/key-filter.ts';

const named = fc.tuple(fc.string({ maxLength: 20 }), fc.string({ minLength: 1, maxLength: 40 }));

test('contains every added key, however full it is', () => {
  fc.assert(
    fc.property(fc.array(named, { maxLength: 300 }), fc.nat({ max: 300 }), (keys, room) => {
      const filter = KeyFilter.empty(room);
      for (const [customer, key] of keys) filter.add(customer, key);
      for (const [customer, key] of keys) expect(filter.mayHave(customer, key)).toBe(true);
    }),
  );
});

test('reports few absent keys as present until it is full', () => {
  const count = 20_000;
  const filter = KeyFilter.empty(count);
  for (let index = 0; index < count; index += 1) filter.add(`customer-${index % 997}`, `key-${index}`);
  let wrong = 0;
  for (let index = 0; index < count; index += 1) {
    if (filter.mayHave(`customer-${index % 997}`, `other-${index}`)) wrong += 1;
  }
  expect(wrong / count).toBeLessThan(0.03);
});

/** A filter as it arrives at another object. */
const arrive = (update: ReturnType<KeyFilter['updateFor']>) => structuredClone(update);

test('readers that follow it through a relay, at any pace, have every key', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('add' as const), keys: fc.integer({ min: 1, max: 3_000 }) }),
    fc.record({ do: fc.constant('relay' as const) }),
    fc.record({ do: fc.constant('ask' as const) }),
    fc.record({ do: fc.constant('arrive' as const), newest: fc.boolean() }),
    fc.record({ do: fc.constant('remake' as const) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      let source = KeyFilter.empty(2_000);
      let count = 0;
      let relay: KeyFilter | null = null;
      let reader: KeyFilter | null = null;
      /** Answers on the way to the reader, each with its number of keys. */
      const underway: { update: ReturnType<KeyFilter['updateFor']>; keys: number }[] = [];
      let keysOfRelay = 0;
      for (const each of steps) {
        if (each.do === 'add')
          for (let key = 0; key < each.keys; key += 1) source.add('customer', `key-${count++}`);
        else if (each.do === 'remake') {
          source = KeyFilter.empty(count * 2);
          for (let key = 0; key < count; key += 1) source.add('customer', `key-${key}`);
        } else if (each.do === 'relay') {
          relay = KeyFilter.after(relay, arrive(source.updateFor(relay?.position ?? null)));
          keysOfRelay = count;
        } else if (each.do === 'ask' && relay)
          underway.push({ update: arrive(relay.updateFor(reader?.position ?? null)), keys: keysOfRelay });
        else if (each.do === 'arrive') {
          const answer = each.newest ? underway.pop() : underway.shift();
          if (!answer) continue;
          const after = KeyFilter.after(reader, answer.update);
          for (let key = 0; after && key < answer.keys; key += 1)
            expect(after.mayHave('customer', `key-${key}`)).toBe(true);
          reader = after ?? reader;
        }
      }
    }),
    { numRuns: 60 },
  );
});

test('100,000 keys are sent once to a reader, and then only new ones', () => {
  const filter = KeyFilter.empty(150_100);
  for (let key = 0; key < 100_000; key += 1) filter.add('customer', `key-${key}`);
  const size = (update: unknown) => serialize(update).length;
  expect(size(filter.updateFor(null))).toBeLessThan(188_000);
  const known = filter.position;
  expect(size(filter.updateFor(known))).toBeLessThan(200);
  // The sales of an object in half a second at most.
  for (let key = 0; key < 250; key += 1) filter.add('customer', `new-${key}`);
  expect(size(filter.updateFor(known))).toBeLessThan(2_300);
  // For a reader with a long lag, the whole filter is smaller than its parts.
  for (let key = 0; key < 20_000; key += 1) filter.add('customer', `late-${key}`);
  expect(filter.updateFor(known).bits).not.toBeNull();
});
