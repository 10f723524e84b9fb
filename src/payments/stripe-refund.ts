/** A refund at Stripe: found where an earlier attempt has made it, and made once where none has. */
import type Stripe from 'stripe';
import type { RefundRequest, RefundResult } from './provider.ts';
import { toStripeAmount } from './stripe-amounts.ts';
import { codeOf, refundFailure } from './stripe-errors.ts';

/** Marks our refunds among those that are made in Stripe's dashboard. */
export const refundKey = 'stampede_refund';
const PAGE_REFUNDS = 100;

export const isLost = ({ status }: Stripe.Refund): boolean => status === 'failed' || status === 'canceled';

/** Every refund that was made for this request, of all pages: amount and payment may be those of other refunds too. */
async function refundsMade(stripe: Stripe, { id, reference }: RefundRequest): Promise<Stripe.Refund[]> {
  const made: Stripe.Refund[] = [];
  for await (const refund of stripe.refunds.list({ payment_intent: reference, limit: PAGE_REFUNDS })) {
    if (refund.metadata?.[refundKey] === id) made.push(refund);
  }
  return made;
}

/** What earlier attempts came to; null where this one must make the refund. */
async function lookUp(stripe: Stripe, request: RefundRequest): Promise<RefundResult | null> {
  try {
    const made = await refundsMade(stripe, request);
    const standing = made.find((refund) => !isLost(refund));
    if (standing) return { kind: 'sent', reference: standing.id };
    // With the same key Stripe would replay the answer of the time when the refund had not failed yet.
    const [lost] = made;
    return lost && request.isKeyUsed
      ? { kind: 'rejected', code: `refund_${lost.status}`, isKeySpent: true }
      : null;
  } catch (error) {
    // The key was not used: only the question failed.
    return { kind: 'retry', code: codeOf(error), isKeySpent: false };
  }
}

export async function refundAtStripe(stripe: Stripe, request: RefundRequest): Promise<RefundResult> {
  const { id, key, reference, amount, currency, isRepeated, isKeyUsed } = request;
  // Stripe forgets a key after a day, and a new key makes a new refund: what earlier attempts did is looked up first.
  const known = isRepeated ? await lookUp(stripe, request) : null;
  if (known) return known;
  try {
    const refund = await stripe.refunds.create(
      { payment_intent: reference, amount: toStripeAmount(amount, currency), metadata: { [refundKey]: id } },
      { idempotencyKey: key },
    );
    return isLost(refund)
      ? { kind: 'rejected', code: `refund_${refund.status}`, isKeySpent: true }
      : { kind: 'sent', reference: refund.id };
  } catch (error) {
    return refundFailure(error, isKeyUsed);
  }
}
