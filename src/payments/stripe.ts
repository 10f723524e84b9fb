/** Stripe: Checkout Sessions, webhooks and refunds through its own SDK, over fetch, so that it runs wherever fetch does. */
import Stripe from 'stripe';
import { WEBHOOK_AGE_MAX_MS } from '../limits.ts';
import {
  type CheckoutRequest,
  type PaymentEvent,
  type PaymentProvider,
  ProviderError,
  type RefundRequest,
  type RefundResult,
  type WebhookReading,
} from './provider.ts';
import { fromStripeAmount, stripeBounds, toStripeAmount } from './stripe-amounts.ts';

export interface StripeSettings {
  secretKey: string;
  webhookSecret: string;
  /** Origin of the API; null is Stripe's own. */
  apiBase: string | null;
  /** How long one request may take. */
  timeoutMs: number;
}

const name = 'stripe';
/** Marks what is ours among all that moves through the same Stripe account. */
const orderKey = 'stampede_order';

const minuteMs = 60_000;
const SESSION_SHORTEST_MS = 30 * minuteMs;
const SESSION_LONGEST_MS = 24 * 60 * minuteMs;

/** The hold's end where Stripe can have it, else the soonest that it can; whole minutes, so that repeated calls agree. */
const sessionEnd = ({ expiresAt, now }: CheckoutRequest): number => {
  const soonest = Math.max(expiresAt, now + SESSION_SHORTEST_MS + minuteMs);
  const wholeMinute = Math.ceil(soonest / minuteMs) * minuteMs;
  return Math.min(wholeMinute, now + SESSION_LONGEST_MS - minuteMs);
};

function clientFor({ secretKey, apiBase, timeoutMs }: StripeSettings): Stripe {
  const base = apiBase === null ? null : new URL(apiBase);
  const isTls = base?.protocol === 'https:';
  return new Stripe(secretKey, {
    httpClient: Stripe.createFetchHttpClient(),
    // Retries are ours: rows, with their waits, that outlive the process.
    maxNetworkRetries: 0,
    timeout: timeoutMs,
    telemetry: false,
    ...(base && {
      protocol: isTls ? 'https' : 'http',
      host: base.hostname,
      port: base.port || (isTls ? 443 : 80),
    }),
  });
}

/** A word for what went wrong: Stripe's own code where it gave one. Its message may quote what was sent. */
function codeOf(error: unknown): string {
  if (!(error instanceof Stripe.errors.StripeError)) return 'unreadable_answer';
  if (error instanceof Stripe.errors.StripeConnectionError) return 'no_answer';
  return error.code ?? error.type;
}

const isRefusal = (error: unknown): boolean => error instanceof Stripe.errors.StripeInvalidRequestError;

const checkoutError = (error: unknown): ProviderError =>
  new ProviderError(name, codeOf(error), isRefusal(error) && codeOf(error) !== 'lock_timeout');

/** Requests that Stripe will refuse again however often they come are not worth another attempt. */
function refundFailure(error: unknown): RefundResult {
  const code = codeOf(error);
  if (code === 'charge_already_refunded') return { kind: 'sent' };
  const isTemporary = !isRefusal(error) || code === 'balance_insufficient' || code === 'lock_timeout';
  return { kind: isTemporary ? 'retry' : 'rejected', code };
}

/** What a paid or failed session means for us; null where it is none of ours. */
function eventOf(
  session: Stripe.Checkout.Session,
  eventId: string | null,
  isPaid: boolean,
): PaymentEvent | null {
  const { metadata, payment_intent: intent, amount_total: amount, currency } = session;
  const orderId = metadata?.[orderKey];
  const reference = typeof intent === 'string' ? intent : intent?.id;
  if (orderId === undefined || reference === undefined || amount === null || currency === null) return null;
  return {
    eventId: eventId ?? `lookup:${reference}`,
    reference,
    order: { id: orderId },
    status: isPaid ? 'paid' : 'declined',
    amount: fromStripeAmount(amount, currency.toUpperCase()),
    currency: currency.toUpperCase(),
  };
}

function readEvent(event: Stripe.Event): PaymentEvent | null {
  switch (event.type) {
    case 'checkout.session.completed':
    case 'checkout.session.async_payment_succeeded': {
      const session = event.data.object;
      // A session may complete before its money: then the second of these events follows.
      return session.payment_status === 'paid' ? eventOf(session, event.id, true) : null;
    }
    case 'checkout.session.async_payment_failed':
      return eventOf(event.data.object, event.id, false);
    default:
      return null;
  }
}

export function createStripeProvider(settings: StripeSettings): PaymentProvider {
  const stripe = clientFor(settings);
  const cryptoProvider = Stripe.createSubtleCryptoProvider();
  const toleranceSeconds = WEBHOOK_AGE_MAX_MS / 1000;

  const isRefunded = async ({ reference, amount, currency }: RefundRequest): Promise<boolean> => {
    const { data } = await stripe.refunds.list({ payment_intent: reference, limit: 100 });
    return data.some(
      (refund) =>
        fromStripeAmount(refund.amount, currency) === amount &&
        refund.status !== 'failed' &&
        refund.status !== 'canceled',
    );
  };

  return {
    name,
    bounds: stripeBounds,

    async checkout(request) {
      const { orderId, amount, currency, description, successUrl, cancelUrl } = request;
      const endsAt = sessionEnd(request);
      try {
        const session = await stripe.checkout.sessions.create(
          {
            mode: 'payment',
            client_reference_id: orderId,
            metadata: { [orderKey]: orderId },
            payment_intent_data: { metadata: { [orderKey]: orderId } },
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
          },
          // The end belongs to the key: the same key with another end would be an error.
          { idempotencyKey: `${orderId}-${endsAt / minuteMs}` },
        );
        if (session.url === null) throw new ProviderError(name, 'no_url');
        return { reference: session.id, url: session.url, expiresAt: session.expires_at * 1000 };
      } catch (error) {
        throw error instanceof ProviderError ? error : checkoutError(error);
      }
    },

    async closeCheckout(reference) {
      try {
        await stripe.checkout.sessions.expire(reference);
      } catch (error) {
        // Refused is a session that has ended by itself or was paid: what it is, `lookUp` says.
        if (!isRefusal(error)) throw new ProviderError(name, codeOf(error));
      }
    },

    async lookUp(reference) {
      try {
        const session = await stripe.checkout.sessions.retrieve(reference);
        const isPaid = session.status === 'complete' && session.payment_status === 'paid';
        const event = isPaid ? eventOf(session, null, true) : null;
        return { isFinal: isPaid || session.status === 'expired', events: event ? [event] : [] };
      } catch (error) {
        throw new ProviderError(name, codeOf(error));
      }
    },

    async readWebhook(body, headers, now): Promise<WebhookReading> {
      const header = headers.get('stripe-signature') ?? '';
      let event: Stripe.Event;
      try {
        event = await stripe.webhooks.constructEventAsync(
          body,
          header,
          settings.webhookSecret,
          toleranceSeconds,
          cryptoProvider,
          now,
        );
      } catch (error) {
        const isSignature = error instanceof Stripe.errors.StripeSignatureVerificationError;
        return { kind: isSignature ? 'bad_signature' : 'malformed' };
      }
      // The SDK refuses what is too old, and takes what is dated in the future.
      const signedAt = Number(/(?:^|,)t=(\d+)/.exec(header)?.[1]) * 1000;
      if (!(signedAt <= now + WEBHOOK_AGE_MAX_MS)) return { kind: 'bad_signature' };
      const read = readEvent(event);
      return read ? { kind: 'event', event: read } : { kind: 'ignored' };
    },

    async refund(request) {
      const { key, reference, amount, currency, isRepeated } = request;
      try {
        // Stripe forgets a key after a day: what an earlier attempt did is asked for, not assumed.
        if (isRepeated && (await isRefunded(request))) return { kind: 'sent' };
        const refund = await stripe.refunds.create(
          {
            payment_intent: reference,
            amount: toStripeAmount(amount, currency),
            metadata: { stampede_refund: key },
          },
          { idempotencyKey: key },
        );
        const isLost = refund.status === 'failed' || refund.status === 'canceled';
        return isLost ? { kind: 'rejected', code: `refund_${refund.status}` } : { kind: 'sent' };
      } catch (error) {
        return refundFailure(error);
      }
    },
  };
}
