/** Reads the webhooks of Stripe once their signature is verified. */
import type Stripe from 'stripe';
import * as v from 'valibot';
import { readAnswer, UnreadableAnswerError } from './answer.ts';
import type { ReadMark } from './mark.ts';
import { ProviderError, type WebhookReading } from './provider.ts';
import * as answers from './stripe-answers.ts';
import { codeOf, stripeName } from './stripe-errors.ts';
import { movementsOfEvent } from './stripe-movements.ts';
import { paymentOfEvent } from './stripe-payment.ts';
import { createSignatureCheck } from './stripe-signature.ts';

/** Limit of unhandled event types that are logged. Stripe has fewer than 300. */
const LOGGED_TYPES_MAX = 300;

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
    throw isOfEvent ? error : new ProviderError(stripeName, codeOf(error));
  }
}

/** Reports each unhandled type once. */
function createUnhandled(): (type: string) => WebhookReading {
  const logged = new Set<string>();
  return (type) => {
    if (logged.has(type) || logged.size >= LOGGED_TYPES_MAX) return { kind: 'ignored' };
    logged.add(type);
    return { kind: 'ignored', unhandled: type };
  };
}

export function createStripeWebhook(stripe: Stripe, webhookSecret: string, readMark: ReadMark) {
  const isSigned = createSignatureCheck(stripe, webhookSecret);
  const unhandled = createUnhandled();
  return async (body: string, headers: Headers, now: number): Promise<WebhookReading> => {
    const header = headers.get('stripe-signature') ?? '';
    if (!(await isSigned(body, header, now))) return { kind: 'bad_signature' };
    try {
      const signed = parsed(body);
      const { object, type } = readAnswer(answers.anyEvent, signed);
      // If it were refused, Stripe would resend it for three days and then disable the endpoint.
      if (!v.is(answers.handledEvent, signed)) return unhandled(`${object} ${type}`);
      const event = readAnswer(answers.event, signed);
      const payment = paymentOfEvent(event, await readMark());
      if (payment) return { kind: 'event', event: payment };
      const movements = await asked(() => Array.fromAsync(movementsOfEvent(event, stripe)));
      return movements.length > 0 ? { kind: 'movements', movements } : { kind: 'ignored' };
    } catch (error) {
      if (error instanceof UnreadableAnswerError) return { kind: 'malformed' };
      throw error;
    }
  };
}
