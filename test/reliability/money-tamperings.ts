/** SQL edits of disputes and outside refunds, each with the audit's finding. */
import type { ShopCommit } from '../../src/database/sqlite/shop-commands.ts';
import type { Movement } from '../../src/domain/movement.ts';
import { recordPayment } from '../support/commands.ts';
import { price } from './sample-file.ts';
import type { Tampering } from './tamperings.ts';

const movedAt = 10_000_000;
const happenedAt = movedAt;

/**
 * Moves money for the orders of the small file. Order 1: dispute 1 is open, refund 2 of a part was
 * made in the dashboard, and refund 3 of a second payment failed and was settled. Order 2: dispute
 * 2 is lost, and refund 1 failed.
 */
export function moveMoney(committer: ShopCommit): void {
  const report = (paymentReference: string, movement: Movement) =>
    ({ kind: 'recordMovement', provider: 'sandbox', paymentReference, keepsEarly: false, movement }) as const;
  const dispute = (reference: string, status: 'open' | 'lost'): Movement => ({
    kind: 'dispute',
    reference,
    status,
    reason: 'fraudulent',
    amount: 2 * price,
    currency: 'EUR',
    openedAt: happenedAt,
    happenedAt,
  });
  const failed = { kind: 'finishRefund', result: 'failed', error: 'declined' } as const;
  committer.commit(
    [
      report('late', dispute('dp_1', 'open')),
      report('first', dispute('dp_2', 'lost')),
      report('late', {
        kind: 'refund',
        reference: 're_1',
        status: 'sent',
        error: null,
        refundId: null,
        amount: 500,
        currency: 'EUR',
        happenedAt,
      }),
      recordPayment(1, { eventId: 'twice', amount: 2 * price }),
      { ...failed, refundId: 1 },
      { ...failed, refundId: 3 },
      { kind: 'settleRefund', actor: 'operator', refundId: 3, note: 'Transfer 4711' },
    ],
    movedAt,
  );
}

const at = new Date(movedAt).toISOString();

export const moneyTamperings: readonly Tampering[] = [
  {
    name: 'a dispute that is gone',
    sql: 'delete from disputes where id = 1;',
    violations: [
      'disputes_match_orders: order 1 shows the dispute open, but its disputes show none',
      'disputes_match_events: dispute 1 has events but no row',
    ],
  },
  {
    name: 'a dispute that is gone, and its mark on the order',
    sql: 'delete from disputes where id = 1; update orders set dispute = null where id = 1;',
    violations: ['disputes_match_events: dispute 1 has events but no row'],
  },
  {
    name: 'a dispute that was never opened',
    sql: `insert into disputes select 9, payment_id, provider, 'dp_9', status, reason, amount, currency, opened_at, closed_at
      from disputes where id = 1;`,
    violations: ['disputes_match_events: dispute 9 has no event'],
  },
  {
    name: 'a lost dispute that is said to be won',
    sql: `update disputes set status = 'won' where id = 2; update orders set dispute = 'won' where id = 2;`,
    violations: ['disputes_match_events: dispute 2 is won, but lost according to its events'],
  },
  {
    name: 'a dispute of less money',
    sql: 'update disputes set amount = 1 where id = 2;',
    violations: [
      'disputes_match_events: dispute 2 has an amount, currency or order that differs from its events',
    ],
  },
  {
    name: 'a refund made outside that is gone',
    sql: 'delete from refunds where id = 2;',
    violations: [
      `refunds_match_events: a refund of order 1 (outside), 500 EUR due at ${at}, has no row`,
      `refunds_match_events: a refund of order 1 (outside), 500 EUR sent at ${at}, has no row`,
      `refunds_stay_with_payment: a refund of payment 1, due at ${at}, is missing`,
    ],
  },
  {
    name: 'a refund outside that was never made',
    sql: `insert into refunds (payment_id, reference, status, reason, amount, currency, next_attempt_at, created_at, sent_at)
      select payment_id, 're_9', status, reason, 700, currency, next_attempt_at, created_at, sent_at
      from refunds where id = 2;`,
    violations: [
      `refunds_match_events: a refund of order 1 (outside), 700 EUR due at ${at}, has no event`,
      `refunds_match_events: a refund of order 1 (outside), 700 EUR sent at ${at}, has no event`,
    ],
  },
  {
    name: 'a failed refund that is said to be settled',
    sql: `update refunds set status = 'settled', sent_at = ${movedAt}, note = 'made up' where id = 1;`,
    violations: [
      `refunds_match_events: a refund of order 2 (paid_twice), 2000 EUR settled at ${at}, has no event`,
    ],
  },
  {
    name: 'a settled refund that is said to be owed',
    sql: `update refunds set status = 'pending', sent_at = null, note = null where id = 3;`,
    violations: [
      `refunds_match_events: a refund of order 1 (paid_twice), 2000 EUR settled at ${at}, has no row`,
    ],
  },
];
