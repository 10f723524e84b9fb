/** Records what a provider reports of a dispute: opened, decided or reopened. */
import type { Movement } from '../domain/movement.ts';
import { type DisputeStatus, disputeStatuses } from '../domain/order.ts';
import { coverOwed } from './cover-owed.ts';
import type { Journal } from './journal.ts';
import type { KnownPayment } from './movement.ts';
import type { Statements } from './statements.ts';

type DisputeMovement = Extract<Movement, { kind: 'dispute' }>;
type KnownDispute = NonNullable<ReturnType<Statements['disputeByReference']['get']>>;

/**
 * Whether a report changes a known dispute. Reports come in any order, and their times are whole
 * seconds: of two in one second, the one that costs money counts. A closed inquiry may become a
 * dispute; a lost dispute is final.
 */
function isNewer(known: KnownDispute, { status, happenedAt }: DisputeMovement): boolean {
  if (status === known.status) return false;
  if (known.closedAt === null) return true;
  if (happenedAt === known.closedAt) return status === 'lost';
  return happenedAt > known.closedAt && (status !== 'open' || known.status === 'won');
}

/** Sets what the order shows: the most serious state of the disputes of its money. */
function showAtOrder(orderId: number, statements: Statements): void {
  const statuses = statements.disputesOfOrder.all({ orderId }).map(({ status }) => status);
  const dispute = disputeStatuses.find((one) => statuses.includes(one)) ?? null;
  statements.setOrderDispute.run({ orderId, dispute });
}

export function recordDispute(
  movement: DisputeMovement,
  payment: KnownPayment,
  statements: Statements,
  journal: Journal,
): 'dispute' | 'known' {
  const { provider, paymentId, orderId } = payment;
  const { reference, status, reason, amount, currency, openedAt, happenedAt } = movement;
  const known = statements.disputeByReference.get({ provider, reference });
  if (known && !isNewer(known, movement)) return 'known';
  const { id } =
    known ??
    statements.insertDispute.get({ paymentId, provider, reference, reason, amount, currency, openedAt });

  const order = orderId === null ? undefined : statements.orderById.get({ orderId });
  const log = (kind: 'dispute_opened' | 'dispute_won' | 'dispute_lost') =>
    journal.log({
      kind,
      actor: `provider:${provider}`,
      dropId: order?.dropId ?? null,
      ...(order && { itemId: order.itemId, orderId: order.id, quantity: order.quantity }),
      // From the first report: a later one does not change what is counted.
      amount: known?.amount ?? amount,
      currency: known?.currency ?? currency,
      detail: { dispute: id, reason: known?.reason ?? reason },
    });
  if (!known) log('dispute_opened');
  if (known || status !== 'open') {
    const closedAt = status === 'open' ? null : happenedAt;
    statements.setDispute.run({ disputeId: id, status, closedAt });
    const kinds = { open: 'dispute_opened', won: 'dispute_won', lost: 'dispute_lost' } as const;
    log(kinds[status satisfies DisputeStatus]);
  }
  if (order) showAtOrder(order.id, statements);
  if (status === 'lost') coverOwed(paymentId, statements, journal);
  return 'dispute';
}
