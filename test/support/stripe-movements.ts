/** Payloads of money movements that start at Stripe: disputes, dashboard refunds, late failures. */
import { type LoopbackStripe, stripeId } from './loopback-stripe.ts';
import type { LoopbackPayment, LoopbackRefund } from './loopback-stripe-objects.ts';
import type { Delivery } from './stripe-signature.ts';

const now = (): number => Math.floor(Date.now() / 1000);

/** A Dispute object as in `charge.dispute.created` (docs.stripe.com/api/disputes/object). */
export const disputeOf = ({ id, amount, currency }: LoopbackPayment) => ({
  id: stripeId('dp'),
  object: 'dispute',
  amount,
  balance_transactions: [],
  charge: `ch_${id}`,
  created: now(),
  currency,
  enhanced_eligibility_types: [],
  evidence: { customer_email_address: 'payer@canary.example', customer_name: 'canary' },
  evidence_details: { due_by: now() + 604_800, has_evidence: false, past_due: false, submission_count: 0 },
  is_charge_refundable: false,
  livemode: false,
  metadata: {},
  payment_intent: id,
  reason: 'fraudulent',
  status: 'needs_response',
});

/** The `charge.refunded` event, whose charge lists no refunds (since API version 2022-11-15). */
export function chargeRefunded(
  stripe: LoopbackStripe,
  { id, amount, currency }: LoopbackPayment,
): Promise<Delivery> {
  const returned = stripe.refunds
    .filter((refund) => refund.payment_intent === id)
    .reduce((sum, refund) => sum + refund.amount, 0);
  return stripe.event('charge.refunded', {
    id: `ch_${id}`,
    object: 'charge',
    amount,
    amount_refunded: returned,
    currency,
    livemode: false,
    metadata: {},
    payment_intent: id,
    refunded: returned === amount,
    status: 'succeeded',
  });
}

/** The bank rejects a refund that Stripe accepted. */
export function refundFails(stripe: LoopbackStripe, refund: LoopbackRefund): Promise<Delivery> {
  Object.assign(refund, { status: 'failed', failure_reason: 'lost_or_stolen_card' });
  return stripe.event('refund.failed', refund);
}
