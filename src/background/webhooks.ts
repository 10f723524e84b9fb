/** Delivers events as signed webhooks (Standard Webhooks). */
import { createHash } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { dropJson, orderJson } from '../answers/representation.ts';
import type { ShopDatabase } from '../database/shop-database.ts';
import type { Ids } from '../ids/ids.ts';
import { WEBHOOK_TIMEOUT_MS } from '../limits.ts';
import type { Log } from '../log.ts';
import type { Clock } from '../split/clock.ts';
import { type OutboundEvent, outboundEvent, outboundKinds } from './outbound-event.ts';
import type { Subscriber } from './subscriber.ts';

export interface WebhookTarget {
  url: string;
  /** In the form `whsec_<base64>`. */
  secret: string;
}

const GONE = 410;

/** The message, without contact data: receivers that need it can fetch it from the admin API. */
function bodyOf(
  { type, at, drop, order, provider, amount, currency, reason, error, dispute }: OutboundEvent,
  now: number,
  ids: Ids,
): string {
  const data =
    drop && !order
      ? { drop: dropJson(drop, now, ids) }
      : {
          order: drop && order && orderJson(order, drop, ids),
          // Without an order, only the provider's dashboard shows whose payment it is.
          ...(!order && { provider }),
          ...(reason !== null && { reason }),
          ...((type === 'order.refunded' || type === 'refund.doubled') && { refund: { amount, currency } }),
          ...(type === 'refund.failed' && { refund: { amount, currency, error } }),
          ...(dispute !== null && { dispute: { status: dispute, amount, currency } }),
        };
  return JSON.stringify({ type, timestamp: new Date(at).toISOString(), data });
}

/** Another URL is another subscriber, with a position of its own. */
export const webhookSubscriberName = (url: string): string =>
  `webhook:${createHash('sha256').update(url).digest('hex').slice(0, 16)}`;

export function webhookSubscriber(
  { url, secret }: WebhookTarget,
  { db, clock, ids, log }: { db: ShopDatabase; clock: Clock; ids: Ids; log: Log },
): Subscriber {
  const webhook = new Webhook(secret);
  const name = webhookSubscriberName(url);
  return {
    name,
    kinds: outboundKinds,
    async deliver(logged) {
      const event = outboundEvent(logged, db, ids);
      if (!event) return 'done';
      const now = clock.now();
      const body = bodyOf(event, now, ids);
      const response = await fetch(url, {
        method: 'POST',
        body,
        // A redirect would leak the signed message to another server; a receiver that moves needs a
        // new URL here.
        redirect: 'manual',
        signal: AbortSignal.timeout(WEBHOOK_TIMEOUT_MS),
        headers: {
          'content-type': 'application/json',
          'webhook-id': event.id,
          'webhook-timestamp': String(Math.floor(now / 1000)),
          'webhook-signature': webhook.sign(event.id, new Date(now), body),
        },
      });
      const { ok, status } = response;
      // Discard the body of the answer; errors while doing so do not matter.
      await response.body?.cancel().catch(() => undefined);
      if (ok || status === GONE) return 'done';
      log.warn({ subscriber: name, event: event.id, status }, 'a webhook was refused');
      return 'retry';
    },
  };
}
