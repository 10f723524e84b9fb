/** Webhooks signed as Stripe signs them, by its SDK. */
import Stripe from 'stripe';

/** A webhook ready to be delivered. */
export interface Delivery {
  body: string;
  headers: Record<string, string>;
}

const stripe = new Stripe('sk_test_loopback');
const cryptoProvider = Stripe.createSubtleCryptoProvider();

/** Signs a body as Stripe does, by the SDK's own helper; `ageSeconds` is how long ago. */
export async function signedByStripe(body: string, secret: string, ageSeconds = 0): Promise<Delivery> {
  const signature = await stripe.webhooks.generateTestHeaderStringAsync({
    payload: body,
    secret,
    timestamp: Math.floor(Date.now() / 1000) - ageSeconds,
    cryptoProvider,
  });
  return { body, headers: { 'content-type': 'application/json', 'stripe-signature': signature } };
}
