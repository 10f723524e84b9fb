/** Opens one Checkout Session per order, and recovers from errors that Stripe replays. */
import { randomUUID } from 'node:crypto';
import type Stripe from 'stripe';
import { readAnswer } from './answer.ts';
import type { ReadMark } from './mark.ts';
import type { CheckoutRequest } from './provider.ts';
import { toStripeAmount } from './stripe-amounts.ts';
import { type OpenedSession, openedSession } from './stripe-answers.ts';
import { isAboutKey, isKept } from './stripe-errors.ts';

/** Names our order. */
export const orderKey = 'stampede_order';
/** Names the order's deployment, because other shops may use the same Stripe account. */
export const deploymentKey = 'stampede_deployment';

const minuteMs = 60_000;
const SESSION_SHORTEST_MS = 30 * minuteMs;
const SESSION_LONGEST_MS = 24 * 60 * minuteMs;
/** Orders whose spent keys are remembered; a forgotten key is found spent again on its replay. */
const SPENT_KEYS_MAX = 10_000;
/** Keys that one call tries if Stripe refuses only the key; the last one is random. */
const KEY_TRIES_MAX = 4;

/** The hold's end, or Stripe's soonest end after it; whole minutes, so that calls agree. */
const sessionEnd = ({ expiresAt, now }: CheckoutRequest): number => {
  const soonest = Math.max(expiresAt, now + SESSION_SHORTEST_MS + minuteMs);
  const wholeMinute = Math.ceil(soonest / minuteMs) * minuteMs;
  return Math.min(wholeMinute, now + SESSION_LONGEST_MS - minuteMs);
};

function sessionOf(
  request: CheckoutRequest,
  endsAt: number,
  mark: string,
): Stripe.Checkout.SessionCreateParams {
  const { orderId, amount, currency, description, successUrl, cancelUrl } = request;
  const metadata = { [orderKey]: orderId, [deploymentKey]: mark };
  return {
    mode: 'payment',
    client_reference_id: orderId,
    metadata,
    payment_intent_data: { metadata },
    line_items: [
      {
        quantity: 1,
        price_data: {
          currency: currency.toLowerCase(),
          unit_amount: toStripeAmount(amount, currency),
          product_data: { name: description },
        },
      },
    ],
    expires_at: Math.floor(endsAt / 1000),
    success_url: successUrl,
    cancel_url: cancelUrl,
  };
}

/**
 * Every process derives the same keys for an order, so repeated calls open one session. Once Stripe
 * has answered a key with an error that it replays, the next call uses the next key. If a session
 * opened despite the error, no buyer gets its URL.
 */
export function createSessionOpener(
  stripe: Stripe,
  readMark: ReadMark,
  apiBase: string | null,
): (request: CheckoutRequest) => Promise<OpenedSession> {
  const schema = openedSession(apiBase);
  /** Number of spent keys of an order, by its first key. */
  const spent = new Map<string, number>();
  const remember = (first: string, keys: number): void => {
    spent.set(first, Math.max(keys, spent.get(first) ?? 0));
    const [oldest] = spent.keys();
    if (spent.size > SPENT_KEYS_MAX && oldest !== undefined) spent.delete(oldest);
  };

  return async (request) => {
    const { orderId, opened } = request;
    const endsAt = sessionEnd(request);
    const session = sessionOf(request, endsAt, await readMark());
    // The key includes the end, because Stripe refuses a key with other parameters. It also
    // includes the number of earlier sessions, or it would return an ended one.
    const first = `${orderId}-${opened}-${endsAt / minuteMs}`;
    for (let number = spent.get(first) ?? 0, tries = 1; ; number += 1, tries += 1) {
      const isLast = tries === KEY_TRIES_MAX;
      const idempotencyKey = isLast ? `${first}-${randomUUID()}` : `${first}-${number}`;
      try {
        // Stripe replays unreadable answers for the key, too.
        return readAnswer(schema, await stripe.checkout.sessions.create(session, { idempotencyKey }));
      } catch (error) {
        if (isKept(error)) remember(first, number + 1);
        if (isLast || !isAboutKey(error)) throw error;
      }
    }
  };
}
