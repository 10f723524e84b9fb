/** An exported drop: it stays unchanged, can be exported again, and restored if no import came. */

import { drizzle } from 'drizzle-orm/better-sqlite3';
import { expect, test } from 'vitest';
import * as schema from '../../../drizzle/schema.ts';
import { auditRows } from '../../../src/database/audit/audit.ts';
import { keepGeneration } from '../../../src/database/generations.ts';
import { readFile, rowsOf } from '../../../src/database/sqlite/file-rows.ts';
import { exportFromFile, importIntoFile, undoMove } from '../../../src/database/sqlite/move-file.ts';
import { createDrop, minuteMs, noon, placed, placeHold, recordPayment } from '../../support/commands.ts';
import { migratedFile, ScratchStore, settingsFor } from '../../support/scratch-store.ts';
import { anyRow } from '../../support/signed-drop-file.ts';
import { openThreadedStore } from '../../support/threaded-store.ts';

/** A closed drop with a paid order and a failed refund. */
function soldStore() {
  const store = new ScratchStore();
  store.run(createDrop(), noon);
  const { id: orderId } = placed(store.run(placeHold('ann'), noon));
  for (const eventId of ['one', 'two']) store.run(recordPayment(orderId, { eventId }), noon);
  const [{ id: refundId } = { id: 0 }] = store.rows<{ id: number }>('select id from refunds');
  store.run({ kind: 'beginRefund', refundId, attempts: 0, amount: 1250, nextAttemptAt: noon }, noon);
  store.run({ kind: 'finishRefund', refundId, result: 'failed', error: 'no', isKeySpent: true }, noon);
  store.run({ kind: 'editDrop', actor: 'operator', dropId: 1, edit: { paused: true } }, noon);
  return { store, orderId, refundId };
}
const exportOf = (store: ScratchStore, now = noon + minuteMs): string =>
  [...exportFromFile(store.settings, 'drop', now, anyRow)].join('');
const actor = 'operator';
const operated = { actor, dropId: 1 };
const refundOf = { kind: 'refund', status: 'sent', error: null, refundId: null } as const;
const movement = { ...refundOf, reference: 're_1', amount: 5, currency: 'EUR', happenedAt: noon };

test('sells nothing, accepts and refunds no money, and is not edited', () => {
  const { store, orderId, refundId } = soldStore();
  using _ = store;
  exportOf(store);
  const before = store.rows('select * from events');
  const commands = [
    { kind: 'editDrop', ...operated, edit: { paused: false } },
    { kind: 'restock', ...operated, sku: 'one', quantity: 1 },
    recordPayment(orderId, { eventId: 'late' }),
    {
      kind: 'recordCheckout',
      orderId,
      provider: 'stripe',
      reference: 'cs',
      url: 'https://a.example',
      expiresAt: noon,
    },
    { kind: 'cancelOrder', orderId },
    { kind: 'refundOrder', actor, orderId, restock: true },
    { kind: 'fulfilOrder', actor, orderId, trackingCode: null, despiteDispute: false },
    { kind: 'retryRefund', actor, refundId },
    { kind: 'settleRefund', actor, refundId, note: 'by hand' },
    {
      kind: 'recordMovement',
      provider: 'sandbox',
      paymentReference: 'payment of one',
      keepsEarly: false,
      movement,
    },
    {
      kind: 'recordMovement',
      provider: 'sandbox',
      paymentReference: null,
      keepsEarly: false,
      movement: { ...movement, refundId },
    },
  ] as const;
  for (const command of commands) {
    expect([command.kind, store.run(command, noon + 2 * minuteMs)]).toEqual([
      command.kind,
      { kind: 'drop_moved' },
    ]);
  }
  expect(store.run(placeHold('eve'), noon + 2 * minuteMs)).toEqual({ kind: 'paused' });
  expect(store.rows('select * from events')).toEqual(before);
  // Another drop is not affected.
  store.run(createDrop({ slug: 'other' }), noon);
  expect(store.run({ kind: 'editDrop', actor, dropId: 2, edit: { paused: true } }, noon).kind).toBe(
    'drop_saved',
  );
});

test('is exported again as the same file, with the drop as it was before the mark', () => {
  const { store } = soldStore();
  using _ = store;
  const first = exportOf(store);
  expect(exportOf(store, noon + 60 * minuteMs)).toBe(first);
  expect(auditRows(rowsOf(store.reader))).toEqual([]);
  const target = settingsFor(migratedFile());
  expect(importIntoFile(target, first, anyRow)).toEqual({ slug: 'drop' });
  expect(first).not.toContain('movedAt');
});

test('continues here after an undo, and can be exported again', () => {
  const { store, orderId } = soldStore();
  using _ = store;
  const first = exportOf(store);
  undoMove(store.settings, 'drop', noon + 2 * minuteMs);
  undoMove(store.settings, 'drop', noon + 2 * minuteMs);
  const fulfil = { kind: 'fulfilOrder', actor, orderId, trackingCode: null, despiteDispute: false } as const;
  expect(store.run(fulfil, noon + 3 * minuteMs)).toEqual({ kind: 'done' });
  const second = exportOf(store, noon + 4 * minuteMs);
  expect(second).not.toBe(first);
  expect(importIntoFile(settingsFor(migratedFile()), second, anyRow)).toEqual({ slug: 'drop' });
  expect(auditRows(rowsOf(store.reader))).toEqual([]);
  expect(() => undoMove(store.settings, 'none', noon)).toThrow(/There is no drop "none"/);
});

test('is not marked where its export is refused', () => {
  using store = new ScratchStore();
  store.run(createDrop(), noon);
  expect(() => exportOf(store)).toThrow(/Pause the drop first/);
  expect(store.rows('select moved_at as at from drops')).toEqual([{ at: null }]);
});

test('cannot be imported into a file that a server has open, and its events are not sent again', async () => {
  const { store } = soldStore();
  using _ = store;
  const text = exportOf(store);
  const target = settingsFor(migratedFile());
  const server = await openThreadedStore(target.file);
  const position = { kind: 'advanceSubscriber', name: 'mail', lastSeq: null } as const;
  expect(await server.submit(position)).toMatchObject({ lastSeq: 0 });
  expect(() => importIntoFile(target, text, anyRow)).toThrow(/Stop it, then import/);
  await server.close(2_000);
  expect(importIntoFile(target, text, anyRow)).toEqual({ slug: 'drop' });
  const again = await openThreadedStore(target.file);
  expect(await again.submit(position)).toMatchObject({ lastSeq: again.lastSeq() });
  expect(again.lastSeq()).toBeGreaterThan(1);
  await again.close(2_000);
});

test('includes the names of every start, also of one that named only events', () => {
  const { store } = soldStore();
  using _ = store;
  keepGeneration(drizzle(store.writer, { schema }), { firstKey: 2 ** 40, firstSeq: 3, bits: 77 });
  const text = exportOf(store);
  const target = settingsFor(migratedFile());
  importIntoFile(target, text, anyRow);
  const bits = readFile(target.file, (file) => file.prepare('select bits from generations').pluck().all());
  expect(bits).toEqual([77]);
});
