/** The fields of Stripe's objects that Stampede uses, as in docs.stripe.com/api. */
import * as v from 'valibot';
import { amount, currencyCode, payUrl, reference, seconds, word } from './answer.ts';

/** Values set by our requests or by other software. */
const metadata = v.nullish(v.record(v.string(), v.string()));

/** An id, or the object itself if the request expanded it. */
const linked = v.union([
  reference,
  v.pipe(
    v.object({ id: reference }),
    v.transform(({ id }) => id),
  ),
]);

/** A new session, which has a URL. */
export const openedSession = (apiBase: string | null) =>
  v.object({ id: reference, url: payUrl(apiBase), expires_at: seconds });

/** A session of one of our orders. */
export const orderSession = v.object({
  id: reference,
  status: word,
  payment_status: word,
  payment_intent: v.nullable(v.union([reference, v.object({ id: reference, status: word })])),
  amount_total: amount,
  currency: currencyCode,
  metadata,
});

export const paymentIntent = v.object({ metadata });

export const dispute = v.object({
  id: reference,
  payment_intent: v.nullable(linked),
  status: word,
  reason: v.nullish(v.string()),
  amount,
  currency: currencyCode,
  created: seconds,
});

export const refund = v.object({
  id: reference,
  payment_intent: v.nullable(linked),
  status: v.nullable(word),
  failure_reason: v.nullish(v.string()),
  amount,
  currency: currencyCode,
  metadata,
});

/** The fields of a refund that was just made. */
export const madeRefund = v.pick(refund, ['id', 'status']);

export const charge = v.object({ payment_intent: v.nullable(linked) });

/** Event types about our payments. */
const eventType = v.picklist([
  'checkout.session.completed',
  'checkout.session.async_payment_succeeded',
  'checkout.session.async_payment_failed',
  'charge.dispute.created',
  'charge.dispute.updated',
  'charge.dispute.closed',
  'charge.dispute.funds_withdrawn',
  'charge.dispute.funds_reinstated',
  'refund.created',
  'refund.updated',
  'refund.failed',
  'charge.refund.updated',
  'charge.refunded',
]);

/** Fields of every webhook, including thin events, which omit their object. */
export const anyEvent = v.object({ object: v.optional(word, 'event'), type: word });

export const handledEvent = v.object({ type: eventType });

export const event = v.object({
  id: reference,
  type: eventType,
  created: seconds,
  data: v.object({ object: v.looseObject({}) }),
});

export type OpenedSession = v.InferOutput<ReturnType<typeof openedSession>>;
export type OrderSession = v.InferOutput<typeof orderSession>;
export type Dispute = v.InferOutput<typeof dispute>;
export type Refund = v.InferOutput<typeof refund>;
export type Event = v.InferOutput<typeof event>;
