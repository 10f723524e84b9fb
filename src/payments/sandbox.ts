/** A payment provider for testing: signs its webhooks like a real one, and charges no money. */
import { hkdfSync, randomUUID } from 'node:crypto';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import * as v from 'valibot';
import { ORDER_MINOR_UNITS_MAX } from '../limits.ts';
import type { PaymentProvider, WebhookReading } from './provider.ts';

const message = v.strictObject({
  type: v.picklist(['payment.paid', 'payment.declined']),
  data: v.strictObject({
    payment: v.string(),
    order: v.string(),
    amount: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
    currency: v.pipe(v.string(), v.length(3)),
  }),
});

/** The sandbox's signing secret, in the form of the Standard Webhooks specification. */
export const sandboxWebhookSecret = (secretKey: string): string =>
  `whsec_${Buffer.from(hkdfSync('sha256', secretKey, '', 'stampede sandbox webhook', 32)).toString('base64')}`;

export interface SandboxCharge {
  /** Public id. */
  orderId: string;
  amount: number;
  currency: string;
  outcome: 'paid' | 'declined';
}

export interface SandboxProvider extends PaymentProvider {
  /** The signed webhook that a real provider would send, for delivery to our own route. */
  webhookFor(charge: SandboxCharge, now: number): { body: string; headers: Record<string, string> };
}

/** `publicUrl` is the origin under which the sandbox's own page (/pay/:id) is served. */
export function createSandbox(secretKey: string, publicUrl: () => string): SandboxProvider {
  const webhook = new Webhook(sandboxWebhookSecret(secretKey));
  return {
    name: 'sandbox',
    bounds: () => ({ min: 1, max: ORDER_MINOR_UNITS_MAX, multipleOf: 1 }),
    async checkout({ orderId, expiresAt }) {
      return { reference: orderId, url: `${publicUrl()}/pay/${orderId}`, expiresAt };
    },
    async closeCheckout() {},
    // The sandbox stores nothing: a payment exists only if its page has sent the webhook.
    async queryCheckout() {
      return { isFinal: true, events: [] };
    },
    async refund() {
      return { kind: 'sent' };
    },
    webhookFor({ orderId, amount, currency, outcome }, now) {
      const id = `evt_${randomUUID()}`;
      const body = JSON.stringify({
        type: `payment.${outcome}`,
        data: { payment: `pmt_${randomUUID()}`, order: orderId, amount, currency },
      } satisfies v.InferInput<typeof message>);
      const sentAt = new Date(now);
      return {
        body,
        headers: {
          'content-type': 'application/json',
          'webhook-id': id,
          'webhook-timestamp': String(Math.floor(now / 1000)),
          'webhook-signature': webhook.sign(id, sentAt, body),
        },
      };
    },
    async readWebhook(body, headers): Promise<WebhookReading> {
      const eventId = headers.get('webhook-id') ?? '';
      let verified: unknown;
      try {
        verified = webhook.verify(body, {
          'webhook-id': eventId,
          'webhook-timestamp': headers.get('webhook-timestamp') ?? '',
          'webhook-signature': headers.get('webhook-signature') ?? '',
        });
      } catch (error) {
        // For any other error (a signed body that is not JSON), the message is malformed.
        return { kind: error instanceof WebhookVerificationError ? 'bad_signature' : 'malformed' };
      }
      const parsed = v.safeParse(message, verified);
      if (!parsed.success) return { kind: 'malformed' };
      const { type, data } = parsed.output;
      return {
        kind: 'event',
        event: {
          eventId,
          reference: data.payment,
          order: { id: data.order },
          checkout: null,
          // The signature is made with SECRET_KEY.
          mark: 'own',
          status: type === 'payment.paid' ? 'paid' : 'declined',
          amount: data.amount,
          currency: data.currency,
        },
      };
    },
  };
}
