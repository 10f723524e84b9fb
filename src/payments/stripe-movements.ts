/** Converts Stripe's disputes and refunds into movements. */
import type Stripe from 'stripe';
import type { ReportedMovement } from './provider.ts';
import { fromStripeAmount } from './stripe-amounts.ts';
import { isLost, refundKey } from './stripe-refund.ts';

const ms = (seconds: number): number => seconds * 1000;
const idOf = (linked: string | { id: string } | null): string | null =>
  typeof linked === 'string' ? linked : (linked?.id ?? null);
/** One of Stripe's codes, which may be stored and shown; never free text that a person wrote. */
const wordOf = (text: string | null | undefined, otherwise: string): string =>
  text !== null && text !== undefined && /^[a-z_]{1,60}$/.test(text) ? text : otherwise;

/** A closed inquiry (`warning_closed`) and a prevented dispute take no money; a refund beside them is reported separately. */
const closedStatuses: Readonly<Record<string, 'won' | 'lost'>> = {
  won: 'won',
  lost: 'lost',
  warning_closed: 'won',
  prevented: 'won',
  charge_refunded: 'won',
};

function movementOfDispute(dispute: Stripe.Dispute, happenedAt: number): ReportedMovement {
  const currency = dispute.currency.toUpperCase();
  return {
    kind: 'dispute',
    paymentReference: idOf(dispute.payment_intent),
    reference: dispute.id,
    status: closedStatuses[dispute.status] ?? 'open',
    reason: wordOf(dispute.reason, 'general'),
    amount: fromStripeAmount(dispute.amount, currency),
    currency,
    openedAt: ms(dispute.created),
    happenedAt,
  };
}

function movementOfRefund(refund: Stripe.Refund, happenedAt: number): ReportedMovement {
  const currency = refund.currency.toUpperCase();
  const hasFailed = isLost(refund);
  return {
    kind: 'refund',
    paymentReference: idOf(refund.payment_intent),
    reference: refund.id,
    status: hasFailed ? 'failed' : 'sent',
    error: hasFailed ? wordOf(refund.failure_reason, `refund_${refund.status}`) : null,
    refundId: refund.metadata?.[refundKey] ?? null,
    amount: fromStripeAmount(refund.amount, currency),
    currency,
    happenedAt,
  };
}

async function* refundsOfCharge(
  charge: Stripe.Charge,
  happenedAt: number,
  stripe: Stripe,
): AsyncGenerator<ReportedMovement> {
  const intent = idOf(charge.payment_intent);
  if (intent === null) return;
  // The event tells only how much went back in all.
  for await (const refund of stripe.refunds.list({ payment_intent: intent, limit: 100 }))
    yield movementOfRefund(refund, happenedAt);
}

/** What an event says moved; nothing for an event about anything else. */
export async function* movementsOfEvent(
  event: Stripe.Event,
  stripe: Stripe,
): AsyncGenerator<ReportedMovement> {
  const happenedAt = ms(event.created);
  switch (event.type) {
    case 'charge.dispute.created':
    case 'charge.dispute.updated':
    case 'charge.dispute.closed':
    case 'charge.dispute.funds_withdrawn':
    case 'charge.dispute.funds_reinstated':
      yield movementOfDispute(event.data.object, happenedAt);
      return;
    case 'refund.created':
    case 'refund.updated':
    case 'refund.failed':
    case 'charge.refund.updated':
      yield movementOfRefund(event.data.object, happenedAt);
      return;
    case 'charge.refunded':
      yield* refundsOfCharge(event.data.object, happenedAt, stripe);
      return;
    default:
  }
}

/** Every dispute and refund that was made since then, in pages; then the disputes that are named and older. */
export async function* movementsSince(
  since: number,
  now: number,
  stripe: Stripe,
  named: readonly string[],
): AsyncGenerator<ReportedMovement> {
  const older = new Set(named);
  const page = { created: { gte: Math.floor(since / 1000) }, limit: 100 };
  // They stand as they are now.
  for await (const dispute of stripe.disputes.list(page)) {
    older.delete(dispute.id);
    yield movementOfDispute(dispute, now);
  }
  for await (const refund of stripe.refunds.list(page)) yield movementOfRefund(refund, now);
  for (const id of older) yield movementOfDispute(await stripe.disputes.retrieve(id), now);
}
