/** Public ids and tokens: every key round-trips, other spellings fail, and ids reveal nothing. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dropOf, shardIdOf, shardOf } from '../../../src/domain/shard.ts';
import { createIds, type OrderKey } from '../../../src/ids/ids.ts';

const ids = createIds('one-secret-0123456789abcdef0123456789abcdef');
const foreign = createIds('two-secret-0123456789abcdef0123456789abcdef');
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

const key = fc.integer({ min: 0, max: 2 ** 48 - 1 });
const dropKey = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const orderKey: fc.Arbitrary<OrderKey> = fc.record({ dropId: dropKey, orderId: key });
const example: OrderKey = { dropId: 7, orderId: 4_711 };
const id = ids.order(example);

describe('an id of a shard', () => {
  const [dropId, shard] = [70_001, 5];
  const shardId = shardIdOf(dropId, shard);
  const there = createIds('one-secret-0123456789abcdef0123456789abcdef', shardId);

  test('decodes to its shard, and to its key only there', () => {
    const order = there.order({ dropId, orderId: 12 });
    const refund = there.refund(12);
    for (const given of [order, refund]) expect(ids.shardIdOf(given)).toBe(shardId);
    expect(there.parseOrder(order)).toEqual({ dropId, orderId: 12 });
    expect(there.parseRefund(refund)).toBe(12);
    const other = createIds('one-secret-0123456789abcdef0123456789abcdef', shardIdOf(dropId, shard + 1));
    expect([other.parseOrder(order), other.parseRefund(refund)]).toEqual([null, null]);
    expect([dropOf(shardId), shardOf(shardId)]).toEqual([dropId, shard]);
  });

  test('equals that of a Node server for a drop with one shard: it stays the same when the drop moves', () => {
    const alone = createIds('one-secret-0123456789abcdef0123456789abcdef', shardIdOf(7));
    expect(alone.order(example)).toBe(id);
    expect(alone.drop(7)).toBe(ids.drop(7));
    expect(alone.orderToken(id)).toBe(ids.orderToken(id));
  });

  test('has a code that decodes to its shard too, and to its order there', () => {
    const code = there.orderCode(12);
    expect(ids.shardIdOfOrderCode(code)).toBe(shardId);
    expect(there.parseOrderCode(code)).toBeNull();
    expect(code).toBeLessThan(Number.MAX_SAFE_INTEGER);
    expect(ids.shardIdOf('ord_nonsense')).toBeNull();
  });

  test('is refused for a shard number too large for a code', () => {
    const beyond = createIds('one-secret-0123456789abcdef0123456789abcdef', 2 ** 26);
    expect(() => beyond.orderCode(12)).toThrow(/out of range/);
  });

  test('of a refund stays the same wherever it moves', () => {
    const key = there.refundKey({ refundId: 12, keyShardId: null });
    expect(key).toBe(there.refund(12));
    expect(ids.parseRefundKey(key)).toEqual({ refundId: 12, keyShardId: shardId });
    expect(ids.refundKey({ refundId: 12, keyShardId: shardId })).toBe(key);
    expect(there.parseRefundKey(key)).toEqual({ refundId: 12, keyShardId: null });
    expect(there.parseRefundKey('rfd_nonsense')).toBeNull();
  });

  test('shares no code with another order, whatever their keys', () => {
    // Keys of the same second in two years, which are equal in their lower half.
    const keys = [0, 1, 2 ** 22, 2 ** 22 + 1, 2 ** 44, 2 ** 44 + 2 ** 22];
    expect(new Set(keys.map((orderId) => there.orderCode(orderId))).size).toBe(keys.length);
  });
});

describe('the number of an order', () => {
  test('has at most 15 digits, decodes to its key, and is its code on a Node server', () => {
    fc.assert(
      fc.property(key, (orderId) => {
        const number = ids.orderNumber(orderId);
        expect(number).toBeLessThan(10 ** 15);
        expect(ids.orderCode(orderId)).toBe(number);
        expect(ids.parseOrderCode(number)).toBe(orderId);
      }),
    );
  });

  test.each([-1, 2 ** 48, 2 ** 48 + 1])(
    'is refused for the key %d, which another key would share',
    (orderId) => {
      expect(() => ids.orderNumber(orderId)).toThrow(/out of range/);
      expect(() => ids.order({ dropId: 1, orderId })).toThrow(RangeError);
      expect(() => ids.refundKey({ refundId: orderId, keyShardId: null })).toThrow(RangeError);
    },
  );

  test.each([-1, 0.5, 2 ** 48, 2 ** 53, Number.NaN])('%d is invalid', (number) => {
    expect(ids.parseOrderCode(number)).toBeNull();
  });
});

describe('the id of an event', () => {
  test('tells apart two events of one position in the log, and stays the same', () => {
    const event = { seq: 7, at: Date.UTC(2026, 3, 1) };
    expect(ids.event(event)).toMatch(/^evt_[\w-]{22}$/);
    expect(ids.event({ ...event })).toBe(ids.event(event));
    expect(ids.event({ ...event, at: event.at + 1 })).not.toBe(ids.event(event));
    expect(ids.event({ ...event, seq: 8 })).not.toBe(ids.event(event));
  });
});

describe('an id', () => {
  test('is 22 characters that need no escape, after a prefix for its kind', () => {
    expect(id).toMatch(/^ord_[\w-]{22}$/);
    expect(ids.drop(7)).toMatch(/^drp_[\w-]{22}$/);
  });

  test('decodes to its keys, whatever they are', () => {
    fc.assert(
      fc.property(orderKey, (given) => {
        expect(ids.parseOrder(ids.order(given))).toEqual(given);
        expect(ids.parseDrop(ids.drop(given.dropId))).toBe(given.dropId);
      }),
    );
  });

  test('stays the same over a restart', () => {
    expect(createIds('one-secret-0123456789abcdef0123456789abcdef').order(example)).toBe(id);
  });

  test('of another secret is invalid', () => {
    fc.assert(
      fc.property(orderKey, (given) => {
        expect(ids.parseOrder(foreign.order(given))).toBeNull();
        expect(ids.parseDrop(foreign.drop(given.dropId))).toBeNull();
      }),
    );
  });

  test('with any one character changed is invalid', () => {
    for (let index = 4; index < id.length; index++) {
      for (const character of alphabet) {
        if (character === id[index]) continue;
        const changed = id.slice(0, index) + character + id.slice(index + 1);
        expect(ids.parseOrder(changed), changed).toBeNull();
      }
    }
  });

  test('has one spelling', () => {
    const last = alphabet.indexOf(id.at(-1) ?? '');
    // The last character carries 2 bits of the block; its 4 other bits must be fixed.
    const sameBlock = [...alphabet].filter((_, index) => index !== last && index >> 4 === last >> 4);
    expect(sameBlock).toHaveLength(15);
    const spellings = [
      ...sameBlock.map((character) => id.slice(0, -1) + character),
      `${id}=`,
      `${id}==`,
      ` ${id}`,
      `${id}\n`,
      id.slice(0, -1),
      `${id}A`,
      id.slice(4),
      id.toUpperCase(),
      id.replace('ord_', 'ORD_'),
      id.replace('ord_', 'drp_'),
      id.replace('ord_', 'ord_ord_'),
    ];
    for (const spelling of spellings) {
      expect(ids.parseOrder(spelling), spelling).toBeNull();
      expect(ids.parseDrop(spelling), spelling).toBeNull();
    }
    expect(ids.parseOrder(ids.drop(7).replace('drp_', 'ord_'))).toBeNull();
  });

  test('of arbitrary text is invalid, without an error', () => {
    for (const text of [
      '',
      'ord_',
      '1',
      'ord_1',
      'ord_\u0000',
      'ord_ÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄ',
      'x'.repeat(100_000),
    ]) {
      expect(ids.parseOrder(text)).toBeNull();
      expect(ids.parseDrop(text)).toBeNull();
    }
  });
});

describe('a list of ids', () => {
  const inOrder = Array.from({ length: 1_000 }, (_, index) => ids.order({ dropId: 1, orderId: index + 1 }));

  test('repeats none', () => {
    expect(new Set(inOrder).size).toBe(inOrder.length);
  });

  test('reveals neither order nor count', () => {
    const ascending = inOrder.filter((text, index) => index > 0 && text > (inOrder[index - 1] ?? '')).length;
    expect(ascending).toBeGreaterThan(400);
    expect(ascending).toBeLessThan(600);
  });

  test('has nothing in common between neighbours except the prefix', () => {
    // 64 values in each of 22 places: two unrelated ids agree in 0.34 places on average.
    const agreements = inOrder.slice(1).map((text, index) => {
      const before = inOrder[index] ?? '';
      return [...text].filter((character, shardId) => shardId >= 4 && character === before[shardId]).length;
    });
    expect(agreements.reduce((sum, shardIds) => sum + shardIds, 0) / agreements.length).toBeLessThan(0.6);
  });
});

describe('an order token', () => {
  const token = ids.orderToken(id);

  test('opens its own order and no other', () => {
    expect(ids.isOrderToken(id, token)).toBe(true);
    expect(ids.isOrderToken(ids.order({ ...example, orderId: 4_712 }), token)).toBe(false);
    expect(ids.isOrderToken(id, foreign.orderToken(id))).toBe(false);
    expect(ids.isOrderToken(id, id)).toBe(false);
  });

  test('is 22 characters unrelated to the id', () => {
    expect(token).toMatch(/^[\w-]{22}$/);
    expect(id).not.toContain(token.slice(0, 6));
  });

  test.each([
    ['empty', ''],
    ['cut short', token.slice(0, -1)],
    ['with a suffix', `${token}A`],
    ['in upper case', token.toUpperCase()],
    ['of as many other characters', 'ä'.repeat(token.length)],
    ['changed in its last character', token.slice(0, -1) + (token.endsWith('A') ? 'B' : 'A')],
  ])('that is %s opens nothing', (_, given) => {
    expect(ids.isOrderToken(id, given)).toBe(false);
  });
});

describe('a keyed hash', () => {
  test('is the same for a customer, and different under another secret', () => {
    expect(ids.customer('ann@example.com')).toBe(ids.customer('ann@example.com'));
    expect(ids.customer('ann@example.com')).not.toBe(ids.customer('bob@example.com'));
    expect(ids.customer('ann@example.com')).not.toBe(foreign.customer('ann@example.com'));
  });

  test('of one text differs by purpose', () => {
    const text = 'ann@example.com';
    expect(new Set([ids.customer(text), ids.fingerprint(text), ids.orderToken(text).slice(0, 16)]).size).toBe(
      3,
    );
    expect(ids.customer(text)).toMatch(/^[\w-]{16}$/);
  });
});

test('a seal is the same at every shard, and differs by purpose, text and secret', () => {
  const secret = 'one-secret-0123456789abcdef0123456789abcdef';
  const seal = ids.seal('session', 'text');
  expect(seal).toMatch(/^[\w-]{43}$/);
  expect(createIds(secret, 7).seal('session', 'text')).toBe(seal);
  const others = [ids.seal('csrf', 'text'), ids.seal('session', 'texts'), foreign.seal('session', 'text')];
  expect(new Set([seal, ...others]).size).toBe(4);
});
