/** A provider's reports about a sold unit's money, and the records that follow from them. */
import { expect } from 'vitest';
import { auditRows } from '../../src/database/audit/audit.ts';
import { certify } from '../../src/database/audit/certificate.ts';
import { rowsOf } from '../../src/database/sqlite/file-rows.ts';
import type { Movement } from '../../src/domain/movement.ts';
import { createDrop, noon, placeHold, recordPayment } from './commands.ts';
import { ScratchStore } from './scratch-store.ts';

const paymentReference = 'payment of event of 1';
const basics = { reference: 'dp_1', amount: 1250, currency: 'EUR', happenedAt: noon } as const;
export const dispute = (status: 'open' | 'won' | 'lost', happenedAt = noon): Movement => ({
  ...basics,
  happenedAt,
  kind: 'dispute',
  status,
  reason: 'fraudulent',
  openedAt: noon,
});
export const refund = (changes: Partial<Extract<Movement, { kind: 'refund' }>> = {}): Movement => ({
  ...basics,
  reference: 're_1',
  kind: 'refund',
  status: 'sent',
  error: null,
  refundId: null,
  ...changes,
});

/** A drop whose first order is paid. */
export function bought(): ScratchStore {
  const store = new ScratchStore();
  store.run(createDrop(), noon);
  store.run(placeHold('ann'), noon);
  store.run(recordPayment(1), noon);
  return store;
}
export const report = (store: ScratchStore, movement: Movement, keepsEarly = true) =>
  store.run(
    { kind: 'recordMovement', provider: 'sandbox', paymentReference, keepsEarly, movement },
    noon + 1,
  );
export const fulfil = (store: ScratchStore, despiteDispute = false) =>
  store.run(
    { kind: 'fulfilOrder', actor: 'operator', orderId: 1, trackingCode: null, despiteDispute },
    noon + 2,
  ).kind;
/** Refunds the order as an operator. */
export const refundByOperator = (store: ScratchStore) =>
  store.run({ kind: 'refundOrder', actor: 'operator', orderId: 1, restock: true }, noon).kind;
/** Records the provider's answer to the refund. */
export const finish = (
  store: ScratchStore,
  result: 'sent' | 'failed',
  { reference = null, error = null }: { reference?: string | null; error?: string | null } = {},
) => store.run({ kind: 'finishRefund', refundId: 1, result, error, reference }, noon + 1).kind;
export const order = (store: ScratchStore) => store.rows('select status, dispute from orders')[0];
export const refunds = (store: ScratchStore) =>
  store.rows('select status, reason, amount, reference from refunds order by id');
export const items = (store: ScratchStore) => store.rows('select sold, stock from items')[0];
/** Expects that no invariant is violated, and that the certificate reports the kept money. */
export function booksAgree(store: ScratchStore, kept: number): void {
  expect(auditRows(rowsOf(store.reader))).toEqual([]);
  const [certificate] = certify(rowsOf(store.reader), noon);
  expect(certificate?.violations).toEqual([]);
  expect(certificate?.kept.amount).toBe(kept);
}
