/**
 * The payment provider Stripe: Checkout Sessions, webhooks and refunds through its SDK, over fetch.
 */
import Stripe from 'stripe';
import * as v from 'valibot';
import { readAnswer, UnreadableAnswerError } from './answer.ts';
import { compareMark, type ReadMark } from './mark.ts';
import {
  CHECKOUT_UNKNOWN,
  type CheckoutState,
  type PaymentEvent,
  type PaymentProvider,
  ProviderError,
  type WebhookReading,
} from './provider.ts';
import { fromStripeAmount, stripeBounds } from './stripe-amounts.ts';
import * as answers from './stripe-answers.ts';
import { createSessionOpener, deploymentKey, orderKey } from './stripe-checkout.ts';
import { codeOf, isRefusal, isUnknown } from './stripe-errors.ts';
import { fetchObject } from './stripe-fetch.ts';
import { movementsOfEvent, movementsSince } from './stripe-movements.ts';
import { refundAtStripe } from './stripe-refund.ts';
import { createSignatureCheck } from './stripe-signature.ts';

export interface StripeSettings {
  secretKey: string;
  webhookSecret: string;
  /** Origin of the API; null for Stripe's own. */
  apiBase: string | null;
  /** Timeout of one request. */
  timeoutMs: number;
  readMark: ReadMark;
}

const name = 'stripe';
/** Limit of unhandled event types that are logged. Stripe has fewer than 300. */
const LOGGED_TYPES_MAX = 300;

function clientFor({ secretKey, apiBase, timeoutMs }: StripeSettings): Stripe {
  const base = apiBase === null ? null : new URL(apiBase);
  const isTls = base?.protocol === 'https:';
  return new Stripe(secretKey, {
    httpClient: Stripe.createFetchHttpClient(fetchObject),
    // Our own retries are rows with backoff, which outlive the process.
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

const checkoutError = (error: unknown): ProviderError =>
  new ProviderError(name, codeOf(error), isRefusal(error) && codeOf(error) !== 'lock_timeout');

const namingOrder = v.object({ metadata: v.object({ [orderKey]: v.string() }) });

/** The payment event of a paid or failed session; null if it names no order. */
function eventOf(
  session: answers.OrderSession,
  eventId: string | null,
  isPaid: boolean,
  mark: string,
): PaymentEvent | null {
  const { metadata, payment_intent: intent, amount_total: amount, currency } = session;
  const orderId = metadata?.[orderKey];
  const reference = typeof intent === 'string' ? intent : intent?.id;
  if (orderId === undefined) return null;
  // Without a reference, the payment could be neither recorded nor refunded.
  if (reference === undefined) throw new UnreadableAnswerError('payment_intent');
  return {
    eventId: eventId ?? (isPaid ? `lookup:${reference}` : `lookup:declined:${reference}`),
    reference,
    order: { id: orderId },
    checkout: session.id,
    mark: compareMark(metadata?.[deploymentKey], mark),
    status: isPaid ? 'paid' : 'declined',
    amount: fromStripeAmount(amount, currency),
    currency,
  };
}

/**
 * States of a payment that has failed for good: Stripe requests another one, or has cancelled it.
 */
const failedStates: ReadonlySet<string> = new Set(['requires_payment_method', 'canceled']);

/**
 * A complete session accepts no other payment: once its payment has failed, no more events follow.
 */
function stateOf(session: answers.OrderSession, mark: string): CheckoutState {
  const { status, payment_status: paid, payment_intent: intent } = session;
  if (status !== 'complete') return { isFinal: status === 'expired', events: [] };
  const hasFailed = typeof intent === 'object' && intent !== null && failedStates.has(intent.status);
  const isOver = paid !== 'unpaid' || hasFailed;
  const event = paid === 'paid' || hasFailed ? eventOf(session, null, paid === 'paid', mark) : null;
  // The server never queries a final checkout again, so its payment must be known by then.
  if (paid === 'paid' && !event) throw new UnreadableAnswerError('metadata');
  return { isFinal: isOver, events: event ? [event] : [] };
}

/** The session of an event; null if it names no order, like those of other software. */
const sessionOf = ({ data }: answers.Event): answers.OrderSession | null =>
  v.is(namingOrder, data.object) ? readAnswer(answers.orderSession, data.object) : null;

function readEvent(event: answers.Event, mark: string): PaymentEvent | null {
  switch (event.type) {
    case 'checkout.session.completed':
    case 'checkout.session.async_payment_succeeded': {
      const session = sessionOf(event);
      // A session may complete before the money arrives; then the second of these events follows.
      if (session?.payment_status !== 'paid') return null;
      const paid = eventOf(session, event.id, true, mark);
      return paid && { ...paid, endedCheckout: session.id };
    }
    case 'checkout.session.async_payment_failed': {
      const session = sessionOf(event);
      const failed = session && eventOf(session, event.id, false, mark);
      // A session takes one payment, so it has ended.
      return failed && { ...failed, endedCheckout: session.id };
    }
    default:
      return null;
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new UnreadableAnswerError(null);
  }
}

async function asked<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const isOfEvent = error instanceof UnreadableAnswerError || error instanceof ProviderError;
    throw isOfEvent ? error : new ProviderError(name, codeOf(error));
  }
}

export function createStripeProvider(settings: StripeSettings): PaymentProvider {
  const stripe = clientFor(settings);
  const { readMark } = settings;
  const openSession = createSessionOpener(stripe, readMark, settings.apiBase);
  const logged = new Set<string>();
  const unhandled = (type: string): WebhookReading => {
    if (logged.has(type) || logged.size >= LOGGED_TYPES_MAX) return { kind: 'ignored' };
    logged.add(type);
    return { kind: 'ignored', unhandled: type };
  };
  const isSigned = createSignatureCheck(stripe, settings.webhookSecret);

  return {
    name,
    bounds: stripeBounds,

    async checkout(request) {
      try {
        const { id: reference, url, expires_at: expiresAt } = await openSession(request);
        return { reference, url, expiresAt };
      } catch (error) {
        throw error instanceof ProviderError ? error : checkoutError(error);
      }
    },

    async closeCheckout(reference) {
      try {
        await stripe.checkout.sessions.expire(reference);
      } catch (error) {
        // Refused for sessions that have ended or were paid; `queryCheckout` tells which.
        if (!isRefusal(error)) throw new ProviderError(name, codeOf(error));
      }
    },

    async queryCheckout(reference) {
      try {
        const answer = await stripe.checkout.sessions.retrieve(reference, { expand: ['payment_intent'] });
        const session = readAnswer(answers.orderSession, answer);
        if (session.id !== reference) throw new UnreadableAnswerError('id');
        return stateOf(session, await readMark());
      } catch (error) {
        if (error instanceof ProviderError) throw error;
        throw isUnknown(error)
          ? new ProviderError(name, CHECKOUT_UNKNOWN)
          : new ProviderError(name, codeOf(error), isRefusal(error));
      }
    },

    async readWebhook(body, headers, now): Promise<WebhookReading> {
      const header = headers.get('stripe-signature') ?? '';
      if (!(await isSigned(body, header, now))) return { kind: 'bad_signature' };
      try {
        const signed = parsed(body);
        const { object, type } = readAnswer(answers.anyEvent, signed);
        // If it were refused, Stripe would resend it for three days and then disable the endpoint.
        if (!v.is(answers.handledEvent, signed)) return unhandled(`${object} ${type}`);
        const event = readAnswer(answers.event, signed);
        const read = readEvent(event, await readMark());
        if (read) return { kind: 'event', event: read };
        const movements = await asked(() => Array.fromAsync(movementsOfEvent(event, stripe)));
        return movements.length > 0 ? { kind: 'movements', movements } : { kind: 'ignored' };
      } catch (error) {
        if (error instanceof UnreadableAnswerError) return { kind: 'malformed' };
        throw error;
      }
    },

    async originOf(paymentReference) {
      try {
        const answer = await stripe.paymentIntents.retrieve(paymentReference);
        const { metadata } = readAnswer(answers.paymentIntent, answer);
        const id = metadata?.[orderKey];
        if (id === undefined) return null;
        const mark = compareMark(metadata?.[deploymentKey], await readMark());
        return { order: { id }, checkout: null, mark };
      } catch (error) {
        if (error instanceof ProviderError) throw error;
        if (isRefusal(error)) return null;
        throw new ProviderError(name, codeOf(error));
      }
    },

    async *movements(since, now, disputes) {
      try {
        yield* movementsSince(since, now, stripe, disputes);
      } catch (error) {
        throw new ProviderError(name, codeOf(error));
      }
    },

    refund: (request) => refundAtStripe(stripe, request),
  };
}
