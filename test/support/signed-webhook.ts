/** Creates webhooks as the sandbox provider does: signed by the Standard Webhooks specification. */
import { randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { sandboxWebhookSecret } from '../../src/payments/sandbox.ts';
import type { Call } from './client.ts';
import type { Purchase } from './shapes.ts';

export const webhookPath = '/payments/sandbox/webhook';

/** The JSON text of a payment event for a purchase; `data` overrides single fields. */
export function paymentEvent(
  purchase: Purchase,
  type = 'payment.paid',
  data: Record<string, unknown> = {},
): string {
  const { id, total, currency } = purchase.order;
  return JSON.stringify({
    type,
    data: { payment: `pmt_${randomUUID()}`, order: id, amount: total, currency, ...data },
  });
}

export interface Signing {
  /** The event's id; a new one when absent. */
  id?: string;
  /** The age, in seconds, of the time at which the webhook claims to be sent. */
  ageSeconds?: number;
  /** A secret in the form `whsec_<base64>`; the server's own when absent. */
  secret?: string;
}

/** A delivery of `body`, signed now and with the server's secret unless `signing` differs. */
export function signedWebhook(
  secretKey: string,
  body: string,
  signing: Signing = {},
): Call & {
  headers: Record<string, string>;
} {
  const id = signing.id ?? `evt_${randomUUID()}`;
  const sentAt = new Date(Date.now() - (signing.ageSeconds ?? 0) * 1000);
  const webhook = new Webhook(signing.secret ?? sandboxWebhookSecret(secretKey));
  return {
    method: 'POST',
    path: webhookPath,
    body,
    headers: {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(sentAt.getTime() / 1000)),
      'webhook-signature': webhook.sign(id, sentAt, body),
    },
  };
}
