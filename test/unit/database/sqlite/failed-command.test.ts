/** A command with values that the database rejects fails alone; the batch and the server go on. */
import { expect, test } from 'vitest';
import { orderReads } from '../../../../src/database/order-reads.ts';
import { Snapshot } from '../../../../src/database/snapshot.ts';
import { audit } from '../../../../src/database/sqlite/file-rows.ts';
import type { Command, RecordCheckout } from '../../../../src/domain/command.ts';
import { noRows } from '../../../../src/edge/front/no-rows.ts';
import { sweepDueHolds } from '../../../../src/runtime/sweep.ts';
import { failedCommandOf } from '../../../../src/split/refused-value.ts';
import { createDrop, noon, placeHold, recordPayment } from '../../../support/commands.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { ScratchStore } from '../../../support/scratch-store.ts';

/** The result of a provider's answer with a missing field. */
const checkout = (changes: Record<string, unknown> = {}): RecordCheckout =>
  ({
    kind: 'recordCheckout',
    orderId: 1,
    provider: 'stripe',
    reference: 'cs_1',
    url: 'https://pay.example',
    expiresAt: noon,
    ...changes,
  }) as RecordCheckout;

const poisons: [name: string, poison: Command, reason: string][] = [
  ['a field that is null', checkout({ url: null }), 'NOT NULL constraint failed: checkouts.url'],
  ['a fraction for an integer', checkout({ expiresAt: 0.5 }), 'column checkouts.expires_at'],
  ['a text for an integer', checkout({ expiresAt: 'soon' }), 'column checkouts.expires_at'],
  ['an object for a text', checkout({ url: {} }), 'RangeError'],
  ['a quantity below 0', placeHold('eve', { quantity: -1 }), 'CHECK constraint failed: orders_units'],
  ['a missing order', checkout({ orderId: 999 }), 'FOREIGN KEY constraint failed'],
  ['an amount below 0', recordPayment(1, { amount: -1 }), 'CHECK constraint failed: payments_amount'],
];

test.each(poisons)(
  'a command with %s fails alone, and the others of its batch are committed',
  (_, poison, reason) => {
    using store = new ScratchStore();
    const snapshot = new Snapshot({ dropId: String, drop: (drop) => drop });
    store.run(createDrop(), noon);
    for (const change of store.committer.state().changes) snapshot.apply(change);
    const statement = { sql: 'update drops set title = title', params: [], method: 'run' as const };
    const batch = [
      placeHold('ann'),
      { kind: 'runStatements' as const, statements: [statement] },
      poison,
      placeHold('zoe'),
    ];
    const committed = store.committer.commit(batch, noon);
    for (const change of committed.update.changes) snapshot.apply(change);
    expect(committed.outcomes).toEqual([
      expect.objectContaining({ kind: 'held' }),
      expect.objectContaining({ kind: 'statements_run' }),
      { kind: 'command_failed', reason },
      expect.objectContaining({ kind: 'held' }),
    ]);
    expect(snapshot.drops()).toMatchObject([{ items: [{ held: 2 }] }]);
    expect(store.rows('select customer from orders')).toEqual([{ customer: 'ann' }, { customer: 'zoe' }]);
    expect(store.rows('select * from checkouts')).toEqual([]);
    expect(store.rows('select seq from events')).toEqual([{ seq: 1 }, { seq: 2 }, { seq: 3 }]);
    expect(committed.update.lastSeq).toBe(3);
    // The chain continues from there, in this process and in the next one.
    store.runBatch([placeHold('bob'), placeHold('cat')], noon);
    store.reopen();
    store.run(placeHold('dan'), noon);
    expect(audit(store.reader)).toEqual([]);
  },
);

test('a batch in which every command fails commits nothing', () => {
  using store = new ScratchStore();
  store.run(createDrop(), noon);
  const { outcomes, update } = store.committer.commit(
    [checkout({ url: null }), checkout({ url: null })],
    noon,
  );
  expect(outcomes.map(({ kind }) => kind)).toEqual(['command_failed', 'command_failed']);
  expect(update.lastSeq).toBe(1);
  expect(audit(store.reader)).toEqual([]);
});

test('an error of the schema or the file does not count as a failed command', () => {
  using store = new ScratchStore();
  store.run(createDrop(), noon);
  store.writer.exec('alter table orders rename to lost');
  expect(() => store.committer.commit([placeHold('ann')], noon)).toThrow('no such table');
  for (const code of ['SQLITE_IOERR_FSYNC', 'SQLITE_CORRUPT', 'SQLITE_NOTADB', 'SQLITE_ERROR'])
    expect(failedCommandOf(Object.assign(new Error('no'), { code }))).toBeNull();
});

test('the reason never repeats a value', () => {
  const error = Object.assign(new Error('the address ann@example.com'), {
    code: 'SQLITE_CONSTRAINT_TRIGGER',
  });
  expect(failedCommandOf(error)).toEqual({ kind: 'command_failed', reason: 'SQLITE_CONSTRAINT_TRIGGER' });
  expect(failedCommandOf(new TypeError('ann@example.com'))).toEqual({
    kind: 'command_failed',
    reason: 'TypeError',
  });
});

test('the sweep pauses after a release that the database refuses', async () => {
  const clock = new FakeClock();
  let submitted = 0;
  const submit = async () => {
    submitted += 1;
    return { kind: 'command_failed', reason: 'CHECK constraint failed: items_counts' } as const;
  };
  const store = { ...noRows, submit } as unknown as Parameters<typeof sweepDueHolds>[0];
  orderReads.preset(store, { ...orderReads(noRows), nextHoldExpiresAt: () => 0 });
  const stop = sweepDueHolds(store, clock);
  for (let look = 0; look < 60; look += 1) {
    clock.advance(200);
    await new Promise((resolve) => setImmediate(resolve));
  }
  stop();
  expect(submitted).toBe(2);
});
