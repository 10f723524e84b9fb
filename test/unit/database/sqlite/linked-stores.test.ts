/** Several stores on one writer, as HTTP threads have: after a catch-up each shows all answers. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { orderReads } from '../../../../src/database/order-reads.ts';
import {
  type LinkedDatabase,
  type OwnDatabase,
  openLinkedDatabase,
  openShopDatabase,
} from '../../../../src/database/sqlite/open-database.ts';
import type { PlaceHold } from '../../../../src/domain/command.ts';
import type { Outcome } from '../../../../src/domain/outcome.ts';
import { systemClock } from '../../../../src/split/system-clock.ts';
import { createDrop, placeHold } from '../../../support/commands.ts';
import { patienceMs } from '../../../support/patience.ts';
import { migratedFile, settingsFor } from '../../../support/scratch-store.ts';

const presentation = { dropId: String, drop: (drop: unknown) => drop };
const settings = {
  connection: settingsFor(migratedFile()),
  queue: { queueMax: 1_000, deadlineMs: patienceMs, batchMax: 100 },
  readersMax: 4,
  backups: { folder: '/nowhere', keep: 1 },
  warmUpHolds: 0,
  secretKey: 'a key',
};
const faults: string[] = [];
const onFault = (reason: string): void => void faults.push(reason);
const items = [{ sku: 'one', name: 'One', price: 100, stock: 1_000 }];
let first: OwnDatabase;
let second: LinkedDatabase;
let third: LinkedDatabase;
let dropId = 0;
let itemId = 0;

beforeAll(async () => {
  first = await openShopDatabase(settings, presentation, systemClock, onFault);
  const outcome = await first.submit(createDrop({ slug: 'shared', startsAt: 0, items }));
  const drop = outcome.kind === 'drop_saved' ? outcome.drop : undefined;
  [dropId, itemId] = [drop?.id ?? 0, drop?.items[0]?.id ?? 0];
  second = await openLinkedDatabase(settings, first.link(), presentation, systemClock, onFault);
  third = await openLinkedDatabase(settings, first.link(), presentation, systemClock, onFault);
});
afterAll(async () => {
  await third.close(2_000);
  await second.close(2_000);
  await first.close(2_000);
  expect(faults).toEqual([]);
});

const heldIn = (store: LinkedDatabase): number | undefined => store.snapshot.get(dropId)?.items[0]?.held;

describe('linked stores', () => {
  test('start with the same catalogue', () => {
    expect(heldIn(second)).toBe(heldIn(first));
    expect(heldIn(second)).toBe(0);
  });

  test('see each other’s acknowledged changes immediately', async () => {
    for (let round = 1; round <= 100; round++) {
      const [buys, looks] = round % 2 === 0 ? [first, second] : [second, first];
      const { kind } = await buys.submit(placeHold(`buyer ${round}`, { itemId }));
      expect(kind).toBe('held');
      // The event loop does not run between the answer and the read.
      looks.catchUp();
      expect(heldIn(looks)).toBe(round);
      expect(
        orderReads(looks).orderByKey({ customer: `buyer ${round}`, idempotencyKey: 'none', plainKey: null }),
      ).toBeUndefined();
    }
  });

  test('share commits, and each command gets its own answer', async () => {
    const before = heldIn(first) ?? 0;
    const stores = [first, second, third];
    const outcomes: Promise<Outcome<PlaceHold>>[] = [];
    for (const [index, store] of stores.entries()) {
      const names = Array.from({ length: 50 }, (_, buyer) => `together ${index * 50 + buyer}`);
      outcomes.push(...names.map((name) => store.submit(placeHold(name, { itemId }))));
      // The first batch occupies the writer: those of the other two queue together.
      await new Promise((resolve) => setImmediate(resolve));
    }
    const answered = await Promise.all(outcomes);
    expect(answered.map((outcome) => (outcome.kind === 'held' ? outcome.order.email : outcome.kind))).toEqual(
      answered.map((_, index) => `together ${index}@example.com`),
    );
    for (const store of stores) {
      store.catchUp();
      expect(heldIn(store)).toBe(before + 150);
    }
  });

  test('stay open when another one closes', async () => {
    const fourth = await openLinkedDatabase(settings, first.link(), presentation, systemClock, onFault);
    await fourth.close(2_000);
    expect((await first.submit(placeHold('after', { itemId }))).kind).toBe('held');
    expect(await fourth.submit(placeHold('too late', { itemId }))).toEqual({ kind: 'stopping' });
  });
});
