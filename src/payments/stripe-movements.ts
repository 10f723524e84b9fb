/** Converts Stripe's disputes and refunds into movements. */
import type Stripe from 'stripe';
import type * as v from 'valibot';
import { readAnswer, readEach, type UnreadableAnswerError } from './answer.ts';
import { ProviderError, type ReportedMovement, UNREADABLE_ANSWER } from './provider.ts';
import { fromStripeAmount } from './stripe-amounts.ts';
import * as answers from './stripe-answers.ts';
import { stripeName } from './stripe-errors.ts';
import { isLost, refundKey } from './stripe-refund.ts';

/** One of Stripe's codes, which is safe to store and show; never free text. */
const wordOf = (text: string | null | undefined, otherwise: string): string =>
  text !== null && text !== undefined && /^[a-z_]{1,60}$/.test(text) ? text : otherwise;

/** A closed inquiry (`warning_closed`) and a prevented dispute take no money. */
const closedStatuses: Readonly<Record<string, 'won' | 'lost'>> = {
  won: 'won',
  lost: 'lost',
  warning_closed: 'won',
  prevented: 'won',
  charge_refunded: 'won',
};

function movementOfDispute(dispute: answers.Dispute, happenedAt: number): ReportedMovement {
  const { currency } = dispute;
  return {
    kind: 'dispute',
    paymentReference: dispute.payment_intent,
    reference: dispute.id,
    status: closedStatuses[dispute.status] ?? 'open',
    reason: wordOf(dispute.reason, 'general'),
    amount: fromStripeAmount(dispute.amount, currency),
    currency,
    openedAt: dispute.created,
    happenedAt,
  };
}

function movementOfRefund(refund: answers.Refund, happenedAt: number): ReportedMovement {
  const { currency } = refund;
  const hasFailed = isLost(refund);
  return {
    kind: 'refund',
    paymentReference: refund.payment_intent,
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
  { payment_intent: intent }: v.InferOutput<typeof answers.charge>,
  happenedAt: number,
  stripe: Stripe,
): AsyncGenerator<ReportedMovement> {
  if (intent === null) return;
  const failures: UnreadableAnswerError[] = [];
  // The event contains only the total refunded.
  const list = stripe.refunds.list({ payment_intent: intent, limit: 100 });
  for await (const refund of readEach(answers.refund, list, failures))
    yield movementOfRefund(refund, happenedAt);
  // Not `UnreadableAnswerError`, because the event itself is readable.
  if (failures.length > 0) throw new ProviderError(stripeName, UNREADABLE_ANSWER);
}

/**
 * The movements of an event; none for an event about anything else. Throws `UnreadableAnswerError`.
 */
export async function* movementsOfEvent(
  { type, created: happenedAt, data: { object } }: answers.Event,
  stripe: Stripe,
): AsyncGenerator<ReportedMovement> {
  switch (type) {
    case 'charge.dispute.created':
    case 'charge.dispute.updated':
    case 'charge.dispute.closed':
    case 'charge.dispute.funds_withdrawn':
    case 'charge.dispute.funds_reinstated':
      yield movementOfDispute(readAnswer(answers.dispute, object), happenedAt);
      return;
    case 'refund.created':
    case 'refund.updated':
    case 'refund.failed':
    case 'charge.refund.updated':
      yield movementOfRefund(readAnswer(answers.refund, object), happenedAt);
      return;
    case 'charge.refunded':
      yield* refundsOfCharge(readAnswer(answers.charge, object), happenedAt, stripe);
      return;
    default:
  }
}

/**
 * Every dispute and refund created since a time, in pages, then older disputes in `named`. Throws
 * at the end if one of them could not be read.
 */
export async function* movementsSince(
  since: number,
  now: number,
  stripe: Stripe,
  named: readonly string[],
): AsyncGenerator<ReportedMovement> {
  const older = new Set(named);
  const page = { created: { gte: Math.floor(since / 1000) }, limit: 100 };
  const failures: UnreadableAnswerError[] = [];
  // Reported in their current state.
  for await (const dispute of readEach(answers.dispute, stripe.disputes.list(page), failures)) {
    older.delete(dispute.id);
    yield movementOfDispute(dispute, now);
  }
  for await (const refund of readEach(answers.refund, stripe.refunds.list(page), failures))
    yield movementOfRefund(refund, now);
  const eachOlder = async function* () {
    for (const id of older) yield await stripe.disputes.retrieve(id);
  };
  for await (const dispute of readEach(answers.dispute, eachOlder(), failures))
    yield movementOfDispute(dispute, now);
  if (failures[0]) throw failures[0];
}
