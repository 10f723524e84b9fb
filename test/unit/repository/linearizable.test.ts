/** The check of histories accepts true ones, also with lost answers, and rejects all others. */
import { describe, expect, test } from 'vitest';
import { type Did, isLinearizable, type Step } from '../../reliability/history/linearizable.ts';
import { seededRandom } from '../../reliability/random.ts';

const step = (askedMs: number, answeredMs: number, did: Did): Step => ({ askedMs, answeredMs, did });
const bought = (quantity = 1): Did => ({ kind: 'buy', quantity, isHeld: true });
const refused = (quantity = 1): Did => ({ kind: 'buy', quantity, isHeld: false });
const lost = (quantity = 1): Did => ({ kind: 'buy', quantity, isHeld: null });
const read = (available: number): Did => ({ kind: 'read', available });

describe('a hand-written history', () => {
  test.each<[string, Step[], boolean]>([
    ['two sales in sequence', [step(0, 1, bought()), step(2, 3, bought())], true],
    ['a third sale of two units', [step(0, 1, bought()), step(2, 3, bought()), step(4, 5, bought())], false],
    ['a refusal while units are left', [step(0, 1, bought()), step(2, 3, refused())], false],
    ['a refusal that may have followed a sale', [step(0, 9, refused()), step(1, 2, bought(2))], true],
    ['a stale read', [step(0, 1, bought()), step(2, 3, read(2))], false],
    ['a read concurrent with a sale', [step(0, 5, bought()), step(1, 3, read(2))], true],
    [
      'two reads in which stock goes back',
      [step(0, 9, bought()), step(1, 2, read(1)), step(3, 4, read(2))],
      false,
    ],
    [
      'a lost answer of an applied sale',
      [step(0, 1, lost()), step(2, 3, bought()), step(4, 5, refused())],
      true,
    ],
    ['a lost answer of a sale that was not applied', [step(0, 1, lost()), step(2, 3, bought(2))], true],
    [
      'a lost answer of a sale applied later',
      [step(0, 1, lost()), step(2, 3, read(2)), step(4, 5, read(1))],
      true,
    ],
    ['a lost answer of a sale applied earlier', [step(2, 3, lost()), step(0, 1, read(1))], false],
    [
      'a returned unit is sold again',
      [step(0, 1, bought(2)), step(2, 3, { kind: 'giveBack', quantity: 1 }), step(4, 5, bought())],
      true,
    ],
    [
      'a returned unit is lost',
      [step(0, 1, bought(2)), step(2, 3, { kind: 'giveBack', quantity: 1 }), step(4, 5, refused())],
      false,
    ],
  ])('%s', (_, history, isTrue) => {
    expect(isLinearizable(history, 2)).toBe(isTrue);
  });
});

const stock = 60;
const clients = 12;

/** A true history: each step takes effect at one moment between its call and its answer. */
function makeHistory(seed: number, length: number): Step[] {
  const random = seededRandom(seed);
  const between = (from: number, to: number): number => from + random() * (to - from);
  const freeMs = new Array<number>(clients).fill(0);
  const asked = Array.from({ length }, (_, index) => {
    // Each client's steps are sequential.
    const client = index % clients;
    const askedMs = (freeMs[client] ?? 0) + between(0, 3);
    const answeredMs = askedMs + between(1, 12);
    freeMs[client] = answeredMs;
    return { askedMs, answeredMs, atMs: between(askedMs, answeredMs) };
  });
  const steps = new Map<object, Did>();
  let available = stock;
  const held: number[] = [];
  for (const one of asked.toSorted((a, b) => a.atMs - b.atMs)) {
    const dice = random();
    const quantity = 1 + Math.floor(random() * 2);
    const back = held.at(-1);
    if (dice < 0.3) steps.set(one, read(available));
    else if (dice < 0.45 && back !== undefined) {
      held.pop();
      available += back;
      steps.set(one, { kind: 'giveBack', quantity: back });
    } else if (available < quantity) steps.set(one, refused(quantity));
    else {
      // Some executed purchases get no answer.
      available -= quantity;
      const isLost = random() < 0.02;
      if (!isLost) held.push(quantity);
      steps.set(one, isLost ? lost(quantity) : bought(quantity));
    }
  }
  return asked.map((one) => ({ ...one, did: steps.get(one) ?? read(0) }));
}

const seeds = Array.from({ length: 20 }, (_, index) => index + 1);

describe('a random history', () => {
  test.each(seeds)('of 600 valid steps is accepted (seed %i)', (seed) => {
    expect(isLinearizable(makeHistory(seed, 600), stock)).toBe(true);
  });

  /** The last of the permanently refused ones, far from the end of the crowd. */
  test.each(seeds)('with an oversale is rejected (seed %i)', (seed) => {
    const history = makeHistory(seed, 300).map((one) => ({ ...one }));
    const end = Math.max(...history.map(({ answeredMs }) => answeredMs));
    const left = history.reduce((sum, { did }) => {
      if (did.kind === 'buy') return did.isHeld === true ? sum - did.quantity : sum;
      return did.kind === 'giveBack' ? sum + did.quantity : sum;
    }, stock);
    const oversold = [...history, step(end + 1, end + 2, bought(left + 1))];
    expect(isLinearizable(oversold, stock)).toBe(false);
  });

  test.each(seeds)('with a stale read is rejected (seed %i)', (seed) => {
    const history = makeHistory(seed, 300);
    const end = Math.max(...history.map(({ answeredMs }) => answeredMs));
    // A buyer buys alone, and after the answer a reader gets the old value.
    const stale = [
      ...history,
      step(end + 1, end + 2, { kind: 'giveBack', quantity: 200 }),
      step(end + 3, end + 4, bought(100)),
      step(end + 5, end + 6, read(stock + 200)),
    ];
    expect(isLinearizable(stale, stock)).toBe(false);
  });
});
