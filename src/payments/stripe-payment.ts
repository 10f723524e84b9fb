/** Payments that Stripe reports: in the events of a webhook, or in a session on a query. */
import * as v from 'valibot';
import { readAnswer, UnreadableAnswerError } from './answer.ts';
import { compareMark } from './mark.ts';
import type { CheckoutState, PaymentEvent } from './provider.ts';
import { fromStripeAmount } from './stripe-amounts.ts';
import * as answers from './stripe-answers.ts';
import { deploymentKey, orderKey } from './stripe-checkout.ts';

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
export function stateOfSession(session: answers.OrderSession, mark: string): CheckoutState {
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

/** The payment of an event; null if it reports none. */
export function paymentOfEvent(event: answers.Event, mark: string): PaymentEvent | null {
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
