/** The variables with which a server reaches the loopback providers. */
import type { LoopbackPayos } from './loopback-payos.ts';
import type { LoopbackStripe } from './loopback-stripe.ts';

/** Call it once the provider listens: before that it has no address. */
export const stripeSettings = (stripe: LoopbackStripe) => ({
  STRIPE_SECRET_KEY: stripe.secretKey,
  STRIPE_WEBHOOK_SECRET: stripe.webhookSecret,
  STRIPE_API_BASE: stripe.url,
});

/** Call it once the provider listens: before that it has no address. */
export const payosSettings = (payos: LoopbackPayos) => ({
  PAYOS_CLIENT_ID: payos.clientId,
  PAYOS_API_KEY: payos.apiKey,
  PAYOS_CHECKSUM_KEY: payos.checksumKey,
  PAYOS_API_BASE: payos.url,
});
