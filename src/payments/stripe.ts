/**
 * The payment provider Stripe: Checkout Sessions, webhooks and refunds through its SDK, over fetch.
 */
import Stripe from 'stripe';
import { readAnswer, UnreadableAnswerError } from './answer.ts';
import { compareMark, type ReadMark } from './mark.ts';
import { CHECKOUT_UNKNOWN, type PaymentProvider, ProviderError } from './provider.ts';
import { stripeBounds } from './stripe-amounts.ts';
import * as answers from './stripe-answers.ts';
import { createSessionOpener, deploymentKey, orderKey } from './stripe-checkout.ts';
import { codeOf, isRefusal, isUnknown, stripeName } from './stripe-errors.ts';
import { fetchObject } from './stripe-fetch.ts';
import { movementsSince } from './stripe-movements.ts';
import { stateOfSession } from './stripe-payment.ts';
import { refundAtStripe } from './stripe-refund.ts';
import { createStripeWebhook } from './stripe-webhook.ts';

export interface StripeSettings {
  secretKey: string;
  webhookSecret: string;
  /** Origin of the API; null for Stripe's own. */
  apiBase: string | null;
  /** Timeout of one request. */
  timeoutMs: number;
  readMark: ReadMark;
}

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
  new ProviderError(stripeName, codeOf(error), isRefusal(error) && codeOf(error) !== 'lock_timeout');

export function createStripeProvider(settings: StripeSettings): PaymentProvider {
  const stripe = clientFor(settings);
  const { readMark } = settings;
  const openSession = createSessionOpener(stripe, readMark, settings.apiBase);

  return {
    name: stripeName,
    bounds: stripeBounds,
    readWebhook: createStripeWebhook(stripe, settings.webhookSecret, readMark),
    refund: (request) => refundAtStripe(stripe, request),

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
        if (!isRefusal(error)) throw new ProviderError(stripeName, codeOf(error));
      }
    },

    async queryCheckout(reference) {
      try {
        const answer = await stripe.checkout.sessions.retrieve(reference, { expand: ['payment_intent'] });
        const session = readAnswer(answers.orderSession, answer);
        if (session.id !== reference) throw new UnreadableAnswerError('id');
        return stateOfSession(session, await readMark());
      } catch (error) {
        if (error instanceof ProviderError) throw error;
        throw isUnknown(error)
          ? new ProviderError(stripeName, CHECKOUT_UNKNOWN)
          : new ProviderError(stripeName, codeOf(error), isRefusal(error));
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
        throw new ProviderError(stripeName, codeOf(error));
      }
    },

    async *movements(since, now, disputes) {
      try {
        yield* movementsSince(since, now, stripe, disputes);
      } catch (error) {
        throw new ProviderError(stripeName, codeOf(error));
      }
    },
  };
}
