/** The payment provider payOS (Vietnam): payment links, webhooks, and refunds as payouts. */
import { PayOS } from '@payos/node';
import type { ReadMark } from './mark.ts';
import { createLinkOpener, queryLink } from './payos-checkout.ts';
import { asProviderError, codeOf, isRefusal, isUnknown, ORDER_EXISTS, payosName } from './payos-errors.ts';
import { payosCurrency } from './payos-payment.ts';
import { payoutsSince, refundAtPayos } from './payos-refund.ts';
import { createPayosWebhook } from './payos-webhook.ts';
import type { PaymentProvider } from './provider.ts';

export interface PayosSettings {
  clientId: string;
  apiKey: string;
  checksumKey: string;
  /** Origin of the API; null for payOS's own. */
  apiBase: string | null;
  /** Timeout of one request. */
  timeoutMs: number;
  readMark: ReadMark;
}

/** Below 2,000 dong payOS makes no transfer code; Napas 24/7 transfers less than 500 million. */
const transferBounds = { min: 2_000, max: 499_999_999, multipleOf: 1 };

const clientFor = ({ clientId, apiKey, checksumKey, apiBase, timeoutMs }: PayosSettings): PayOS =>
  new PayOS({
    clientId,
    apiKey,
    checksumKey,
    baseURL: apiBase,
    timeout: timeoutMs,
    // Our own retries are rows with backoff, which outlive the process.
    maxRetries: 0,
    logLevel: 'off',
    // Unbound, because workerd rejects a fetch that is called as a method.
    fetch: (input, init) => fetch(input, init),
  });

export function createPayosProvider(settings: PayosSettings): PaymentProvider {
  const { checksumKey, apiBase, readMark } = settings;
  const payos = clientFor(settings);
  const readWebhook = createPayosWebhook(payos, checksumKey, readMark);

  return {
    name: payosName,
    bounds: (code) => (code === payosCurrency ? transferBounds : null),
    checkout: createLinkOpener(payos, readMark, apiBase),
    queryCheckout: (reference) => queryLink(payos, reference, readMark),
    readWebhook: (body, _, now) => readWebhook(body, now),
    refund: (request) => refundAtPayos(payos, request),

    async closeCheckout(reference) {
      try {
        await payos.paymentRequests.cancel(Number(reference));
      } catch (error) {
        // Refused for links that have ended, were paid or are unknown; `queryCheckout` tells which.
        const isOver = isRefusal(error) || isUnknown(error) || codeOf(error) === ORDER_EXISTS;
        if (!isOver) throw asProviderError(error);
      }
    },

    async *movements(since, now) {
      try {
        yield* payoutsSince(payos, since, now, payosCurrency);
      } catch (error) {
        throw asProviderError(error);
      }
    },
  };
}
