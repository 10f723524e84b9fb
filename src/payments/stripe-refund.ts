/** Refunds at Stripe: makes a refund unless an earlier attempt has made it. */
import type Stripe from 'stripe';
import { readAnswer } from './answer.ts';
import type { RefundRequest, RefundResult } from './provider.ts';
import { toStripeAmount } from './stripe-amounts.ts';
import { madeRefund, type Refund, refund as refundAnswer } from './stripe-answers.ts';
import { codeOf, isRefundedAlready, refundResultOf } from './stripe-errors.ts';

/** Distinguishes our refunds from those made in Stripe's dashboard. */
export const refundKey = 'stampede_refund';
const PAGE_REFUNDS = 100;

export const isLost = ({ status }: Pick<Refund, 'status'>): boolean =>
  status === 'failed' || status === 'canceled';

/** The matching refunds of the payment, from all pages, newest first. */
async function refundsMade(
  stripe: Stripe,
  { reference }: RefundRequest,
  matches: (refund: Refund) => boolean,
): Promise<Refund[]> {
  const made: Refund[] = [];
  for await (const answer of stripe.refunds.list({ payment_intent: reference, limit: PAGE_REFUNDS })) {
    const refund = readAnswer(refundAnswer, answer);
    if (matches(refund)) made.push(refund);
  }
  return made;
}

/**
 * Whether a refund was made for this request: other refunds may have the same amount and payment.
 */
const isFor =
  ({ id }: RefundRequest) =>
  ({ metadata }: Refund): boolean =>
    metadata?.[refundKey] === id;

/** The result of earlier attempts; null if this one must make the refund. */
async function findRefund(stripe: Stripe, request: RefundRequest): Promise<RefundResult | null> {
  try {
    const made = await refundsMade(stripe, request, isFor(request));
    const standing = made.find((refund) => !isLost(refund));
    if (standing) return { kind: 'sent', reference: standing.id };
    // With the same key, Stripe would replay the answer from before the refund failed.
    const [lost] = made;
    return lost && request.isKeyUsed
      ? { kind: 'rejected', code: `refund_${lost.status}`, isKeySpent: true }
      : null;
  } catch (error) {
    // The key is unused: only the query failed.
    return { kind: 'retry', code: codeOf(error), isKeySpent: false };
  }
}

/**
 * For a payment that is refunded completely: finds the refund that returned the money, our own or
 * one made in the dashboard, so that a later report of it is recognised. Without an id if several
 * returned it in parts.
 */
async function findRefunded(stripe: Stripe, request: RefundRequest): Promise<RefundResult> {
  const amount = toStripeAmount(request.amount, request.currency);
  try {
    const standing = await refundsMade(stripe, request, (refund) => !isLost(refund));
    const found =
      standing.find(isFor(request)) ??
      standing.find((refund) => refund.amount === amount && refund.metadata?.[refundKey] === undefined);
    return found ? { kind: 'sent', reference: found.id } : { kind: 'sent' };
  } catch (error) {
    return { kind: 'retry', code: codeOf(error), isKeySpent: true };
  }
}

export async function refundAtStripe(stripe: Stripe, request: RefundRequest): Promise<RefundResult> {
  const { id, key, reference, amount, currency, isRepeated, isKeyUsed } = request;
  // Stripe forgets a key after a day, and a new key makes a new refund: look up earlier attempts
  // first.
  const known = isRepeated ? await findRefund(stripe, request) : null;
  if (known) return known;
  try {
    const answer = await stripe.refunds.create(
      { payment_intent: reference, amount: toStripeAmount(amount, currency), metadata: { [refundKey]: id } },
      { idempotencyKey: key },
    );
    const refund = readAnswer(madeRefund, answer);
    return isLost(refund)
      ? { kind: 'rejected', code: `refund_${refund.status}`, isKeySpent: true }
      : { kind: 'sent', reference: refund.id };
  } catch (error) {
    return isRefundedAlready(error) ? findRefunded(stripe, request) : refundResultOf(error, isKeyUsed);
  }
}
