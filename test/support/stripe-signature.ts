/** Webhooks signed as Stripe signs them, with its SDK. */
import Stripe from 'stripe';

/** A webhook ready for delivery. */
export interface Delivery {
  body: string;
  headers: Record<string, string>;
}

const stripe = new Stripe('sk_test_loopback');
const cryptoProvider = Stripe.createSubtleCryptoProvider();

/** A thin event as Stripe documents it: docs.stripe.com/api/v2/core/events. */
export const thinEvent = {
  id: 'evt_test_65R8Y',
  object: 'v2.core.event',
  type: 'v1.billing.meter.no_meter_found',
  livemode: false,
  created: '2026-11-30T10:00:00.000Z',
  context: null,
  related_object: null,
  reason: null,
};

/** Signs a body with the SDK's own function; `ageSeconds` is the age of the signature. */
export async function signedByStripe(body: string, secret: string, ageSeconds = 0): Promise<Delivery> {
  const signature = await stripe.webhooks.generateTestHeaderStringAsync({
    payload: body,
    secret,
    timestamp: Math.floor(Date.now() / 1000) - ageSeconds,
    cryptoProvider,
  });
  return { body, headers: { 'content-type': 'application/json', 'stripe-signature': signature } };
}
