/** A drop's phase: the word for each state and time, and until when it applies. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  closedReason,
  type Drop,
  type DropPhase,
  phaseHoldsUntil,
  phaseOf,
} from '../../../src/domain/drop.ts';

const now = Date.UTC(2027, 0, 31, 12);
const item = { id: 1, sku: 'one', name: 'One', price: 100, stock: 5, held: 0, sold: 0 };
const dropWith = (changes: Partial<Drop>): Drop => ({
  id: 1,
  slug: 'drop',
  title: 'A drop',
  description: '',
  imageUrl: null,
  currency: 'EUR',
  perCustomer: null,
  startsAt: now - 1000,
  endsAt: null,
  holdSeconds: 600,
  published: true,
  paused: false,
  createdAt: now - 2000,
  items: [item],
  ...changes,
});

const soldOut = { items: [{ ...item, held: 2, sold: 3 }] };
const scheduled = { startsAt: now + 1 };
const ended = { endsAt: now };

const rows: readonly [name: string, changes: Partial<Drop>, phase: DropPhase][] = [
  ['started, with stock', {}, 'live'],
  ['starting in this millisecond', { startsAt: now }, 'live'],
  ['starting in a millisecond', scheduled, 'scheduled'],
  ['ending in a millisecond', { endsAt: now + 1 }, 'live'],
  ['ending in this millisecond', ended, 'ended'],
  ['with every unit held or sold', soldOut, 'sold_out'],
  ['with every unit held', { items: [{ ...item, held: 5 }] }, 'sold_out'],
  ['with one unit left in one of its items', { items: [...soldOut.items, { ...item, sold: 4 }] }, 'live'],
  ['without stock from the start', { items: [{ ...item, stock: 0 }] }, 'sold_out'],
  ['paused', { paused: true }, 'paused'],
  ['not published', { published: false }, 'draft'],
  // Precedence: draft, ended, paused, scheduled, sold_out, live.
  ['not published, in any other state', { ...ended, ...soldOut, paused: true, published: false }, 'draft'],
  ['ended, though paused and sold out', { ...ended, ...soldOut, paused: true }, 'ended'],
  ['paused before it starts', { ...scheduled, paused: true }, 'paused'],
  ['paused and sold out', { ...soldOut, paused: true }, 'paused'],
  ['sold out before it starts', { ...soldOut, ...scheduled }, 'scheduled'],
];

describe('phaseOf', () => {
  test.each(rows)('a drop %s', (_, changes, phase) => {
    expect(phaseOf(dropWith(changes), now)).toBe(phase);
  });

  test('has an open window exactly when the phase depends on stock alone', () => {
    for (const [name, changes, phase] of rows) {
      expect(closedReason(dropWith(changes), now) === null, name).toBe(['live', 'sold_out'].includes(phase));
    }
  });
});

describe('phaseHoldsUntil', () => {
  const time = fc.integer({ min: 0, max: 20 });
  const drop = fc
    .record({ published: fc.boolean(), paused: fc.boolean(), startsAt: time, endsAt: fc.option(time) })
    .filter(({ startsAt, endsAt }) => endsAt === null || endsAt > startsAt)
    .map(dropWith);

  test('is before any phase change by the clock alone', () => {
    fc.assert(
      fc.property(drop, time, fc.integer({ min: 0, max: 40 }), (given, at, later) => {
        fc.pre(at <= later && later < phaseHoldsUntil(given, at));
        expect(phaseOf(given, later)).toBe(phaseOf(given, at));
      }),
    );
  });

  test('is the next of start and end', () => {
    const given = dropWith({ startsAt: 10, endsAt: 20 });
    const holdsUntil = [9, 10, 19, 20].map((at) => phaseHoldsUntil(given, at));
    expect(holdsUntil).toEqual([10, 20, 20, Number.POSITIVE_INFINITY]);
  });
});
