/** Generations of names: a start never reissues a name, whatever was lost, with any clock. */
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { describe, expect, test } from 'vitest';
import * as schema from '../../../drizzle/schema.ts';
import {
  createGenerationOf,
  type Generation,
  keepGeneration,
  nextGeneration,
} from '../../../src/database/generations.ts';
import { moneyReads } from '../../../src/database/money-reads.ts';
import { beginGeneration } from '../../../src/database/sqlite/begin-generation.ts';
import { idsOfFile } from '../../../src/database/sqlite/ids-of-file.ts';
import { commitShopCommands } from '../../../src/database/sqlite/shop-commands.ts';
import { createIds, type Ids, type OrderKey } from '../../../src/ids/ids.ts';
import { orderOf } from '../../../src/payments/record-payment.ts';
import { createDrop, noon, placed, placeHold } from '../../support/commands.ts';
import { ScratchStore } from '../../support/scratch-store.ts';

const secret = 'one-secret-0123456789abcdef0123456789abcdef';
const ids = createIds(secret);
const now = Date.UTC(2027, 0, 31, 12);
const example: OrderKey = { dropId: 7, orderId: 4_711 };

describe('a generation of names', () => {
  const idsOf = (bits: number, shardId?: number): Ids => createIds(secret, shardId, () => bits);
  const [lost, present] = [idsOf(0xabcdef), idsOf(0xabcdee)];

  test('distinguishes the orders, tokens, refunds and events of one key', () => {
    const namesOf = (some: typeof ids): string[] => [
      some.order(example),
      some.orderToken(some.order(example)),
      some.refund(12),
      some.refundKey({ refundId: 12, keyShardId: null }),
      some.event({ seq: 7, at: 1 }),
    ];
    const names = [lost, present, ids].flatMap(namesOf);
    // The provider's key of a refund is its id.
    expect(new Set(names).size).toBe(names.length - 3);
    expect(namesOf(idsOf(0xabcdef))).toEqual(namesOf(lost));
  });

  test('makes a lost name match no row, but still routes it to its shard', () => {
    const [order, refund] = [lost.order(example), lost.refund(12)];
    expect([present.parseOrder(order), present.parseRefund(refund)]).toEqual([null, null]);
    expect(present.parseRefundKey(refund)).toBeNull();
    expect(present.shardIdOf(order)).toBe(example.dropId);
    expect(lost.parseOrder(order)).toEqual(example);
    expect(lost.parseRefund(refund)).toBe(12);
    // A Worker in front of the objects knows no generation.
    expect(ids.parseOrder(order)).toEqual(example);
  });

  test('is looked up by the kind of name', () => {
    const asked: unknown[] = [];
    const some = createIds(secret, 7, (...of) => {
      asked.push(of);
      return 5;
    });
    some.parseOrder(some.order({ dropId: 7, orderId: 12 }));
    some.event({ seq: 9, at: 1 });
    expect(asked).toEqual([
      ['key', 12],
      ['key', 12],
      ['seq', 9],
    ]);
  });

  test('is absent from drops and cursors', () => {
    expect(lost.drop(7)).toBe(present.drop(7));
    expect(present.parseCursor(lost.cursor(12))).toBe(12);
    expect(ids.shardIdOf(idsOf(1, 9).cursor(12))).toBe(9);
    expect(idsOf(1, 8).parseCursor(idsOf(1, 9).cursor(12))).toBeNull();
  });
});

describe('the generations of a file', () => {
  const dbOf = (store: ScratchStore) => drizzle(store.writer, { schema });
  const stored = (store: ScratchStore): Generation[] =>
    store.rows<Generation>(
      'select first_key as firstKey, first_seq as firstSeq, bits from generations order by first_key',
    );

  test('are one per start that created a name, each with different bits', () => {
    using store = new ScratchStore();
    beginGeneration(store.writer);
    beginGeneration(store.writer);
    expect(stored(store)).toMatchObject([{ firstKey: 1, firstSeq: 1 }]);
    store.run(createDrop(), noon);
    beginGeneration(store.writer);
    const { id } = placed(store.run(placeHold('ann'), now));
    expect(beginGeneration(store.writer)).toBe(id + 1);
    const rows = stored(store);
    expect(rows).toMatchObject([{ firstKey: 1 }, { firstKey: 2 }, { firstKey: id + 1 }]);
    expect(new Set(rows.map(({ bits }) => bits)).size).toBe(3);
  });

  test('are found for every key and event, also in a start whose row is not stored yet', () => {
    using store = new ScratchStore();
    const db = dbOf(store);
    keepGeneration(db, { firstKey: 10, firstSeq: 5, bits: 111 });
    keepGeneration(db, { firstKey: 20, firstSeq: 5, bits: 222 });
    const current = { firstKey: 30, firstSeq: 9, bits: 333 };
    const beforeStored = createGenerationOf(db, current);
    keepGeneration(db, current);
    for (const generationOf of [beforeStored, createGenerationOf(db)]) {
      expect([9, 10, 19, 20, 29, 30, 2 ** 47].map((key) => generationOf('key', key))).toEqual([
        0, 111, 111, 222, 222, 333, 333,
      ]);
      expect([4, 5, 8, 9, 1_000].map((seq) => generationOf('seq', seq))).toEqual([0, 222, 222, 333, 333]);
    }
  });

  test('start after every key and every event', () => {
    using store = new ScratchStore();
    store.run(createDrop(), noon);
    const { id } = placed(store.run(placeHold('ann'), noon));
    const [{ seq } = { seq: 0 }] = store.rows<{ seq: number }>('select max(seq) as seq from events');
    expect(nextGeneration(dbOf(store))).toMatchObject({ firstKey: id + 1, firstSeq: seq + 1 });
  });
});

describe('a file and a clock that go back together', () => {
  /** Sells after a start; returns the names of the rows. Both starts sell at the same time. */
  function sell(store: ScratchStore, buyers: readonly string[]) {
    const committer = commitShopCommands(store.writer, beginGeneration(store.writer));
    const names = idsOfFile(store.writer, secret);
    const outcomes = committer.commit(
      buyers.map((buyer) => placeHold(buyer)),
      now,
    ).outcomes;
    return { names, keys: outcomes.map((outcome) => (outcome.kind === 'held' ? outcome.order.id : 0)) };
  }

  test('reuse no id, token, refund key or event', () => {
    using lost = new ScratchStore();
    using kept = new ScratchStore();
    for (const store of [lost, kept]) store.run(createDrop({ startsAt: 0 }), noon);
    const [anna, bob] = [sell(lost, ['anna']), sell(kept, ['bob'])];
    const keys = new Set([...anna.keys, ...bob.keys]);
    const namesOf = ({ names }: typeof anna): string[] =>
      [...keys].flatMap((key) => {
        const id = names.order({ dropId: 1, orderId: key });
        return [id, names.orderToken(id), names.refund(key), names.event({ seq: 2, at: now })];
      });
    const all = [...new Set(namesOf(anna)), ...new Set(namesOf(bob))];
    expect(new Set(all).size).toBe(all.length);
  });

  test('assign the payment of a lost order to no order, even if another order has its key', () => {
    using lost = new ScratchStore();
    using kept = new ScratchStore();
    for (const store of [lost, kept]) store.run(createDrop({ startsAt: 0 }), noon);
    const [anna, bob] = [sell(lost, ['anna']), sell(kept, ['bob'])];
    const [key = 0] = bob.keys;
    const name = anna.names.order({ dropId: 1, orderId: key });
    const payment = { order: { id: name }, checkout: 'cs_of_anna', mark: 'own' } as const;
    const { orderOfCheckout } = moneyReads(drizzle(kept.reader, { schema }));
    const deps = { ids: bob.names, orderOfCheckout, clock: { now: () => noon } };
    expect(orderOf(payment, 'stripe', deps)).toEqual({ kind: 'ours', orderId: null });
    const own = { ...payment, order: { id: bob.names.order({ dropId: 1, orderId: key }) } };
    expect(orderOf(own, 'stripe', deps)).toEqual({ kind: 'ours', orderId: key });
  });
});
