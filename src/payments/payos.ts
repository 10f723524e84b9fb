/** The payment provider payOS (bank transfer in Vietnam): payment links, webhooks, and refunds as payouts, through its own SDK. */
import { timingSafeEqual } from 'node:crypto';
import {
  APIError,
  ConnectionError,
  ConnectionTimeoutError,
  type PaymentLink,
  PayOS,
  type Transaction,
} from '@payos/node';
import * as v from 'valibot';
import { WEBHOOK_AGE_MAX_MS } from '../limits.ts';
import {
  type Checkout,
  type CheckoutRequest,
  type PaymentEvent,
  type PaymentProvider,
  ProviderError,
  type RefundRequest,
  type RefundResult,
  type WebhookReading,
} from './provider.ts';

export interface PayosSettings {
  clientId: string;
  apiKey: string;
  checksumKey: string;
  /** Origin of the API; null is payOS's own. */
  apiBase: string | null;
  /** How long one request may take. */
  timeoutMs: number;
}

const name = 'payos';
const currency = 'VND';
/** payOS makes no transfer code below 2,000 dong; Napas 24/7, which carries the transfers, ends below 500 million. */
const transferBounds = { min: 2_000, max: 499_999_999, multipleOf: 1 };
const SUCCESS = '00';
/** payOS answers 200 with this code where a field of the request can't be accepted. */
const INVALID_REQUEST = '20';
/** The code of a link that exists already. */
const ORDER_EXISTS = '231';
/** What payOS sends when a webhook address is registered. */
const TRIAL_ORDER_CODE = 123;
const DESCRIPTION_CHARACTERS_MAX = 9;
// A bank's word takes its time, and payOS repeats a webhook for a while: older money is found by asking.
const OLDEST_MONEY_MS = 7 * 24 * 3_600_000;

const signed = v.object({ signature: v.string(), data: v.record(v.string(), v.unknown()) });
const transfer = v.object({
  orderCode: v.pipe(v.number(), v.safeInteger()),
  amount: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  reference: v.pipe(v.string(), v.nonEmpty()),
  transactionDateTime: v.string(),
  paymentLinkId: v.string(),
  code: v.string(),
  currency: v.optional(v.string(), currency),
});

/** The provider's id of a payment: the link's order code leads to the payer's account, the bank's reference to the transfer. */
const paymentReference = (orderCode: number, bankReference: string): string =>
  `${orderCode}:${bankReference}`;

const eventOf = (orderCode: number, reference: string, amount: number, paidIn: string): PaymentEvent => ({
  eventId: paymentReference(orderCode, reference),
  reference: paymentReference(orderCode, reference),
  order: { number: orderCode },
  status: 'paid',
  amount,
  currency: paidIn,
});

/** payOS writes Vietnam's time, without saying so. NaN where it is no time. */
const transferTime = (text: string): number => Date.parse(`${text.trim().replace(' ', 'T')}+07:00`);

function codeOf(error: unknown): string {
  if (error instanceof ConnectionTimeoutError || error instanceof ConnectionError) return 'no_answer';
  if (error instanceof APIError) return String(error.code ?? `status_${error.status ?? 0}`);
  return 'unreadable_answer';
}

/** Whether the same request will be refused however often it comes. */
const isRefusal = (error: unknown): boolean =>
  error instanceof APIError &&
  error.status !== undefined &&
  error.status >= 400 &&
  error.status < 500 &&
  ![401, 403, 408, 409, 429].includes(error.status);

const asProviderError = (error: unknown): ProviderError =>
  error instanceof ProviderError
    ? error
    : new ProviderError(name, codeOf(error), isRefusal(error) || codeOf(error) === INVALID_REQUEST);

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

export function createPayosProvider(settings: PayosSettings): PaymentProvider {
  const { clientId, apiKey, checksumKey, apiBase, timeoutMs } = settings;
  const payos = new PayOS({
    clientId,
    apiKey,
    checksumKey,
    baseURL: apiBase,
    timeout: timeoutMs,
    // Retries are ours: rows, with their waits, that outlive the process.
    maxRetries: 0,
    logLevel: 'off',
    // Bound to nothing: workerd refuses a fetch that is called as the method of a client.
    fetch: (input, init) => fetch(input, init),
  });

  const openLink = async (request: CheckoutRequest): Promise<Checkout> => {
    const { orderNumber, amount, expiresAt, successUrl, cancelUrl } = request;
    const link = await payos.paymentRequests.create({
      orderCode: orderNumber,
      amount,
      // All that fits into a transfer's text; the full one would be refused.
      description: String(orderNumber).slice(-DESCRIPTION_CHARACTERS_MAX),
      expiredAt: Math.floor(expiresAt / 1000),
      returnUrl: successUrl,
      cancelUrl,
    });
    return { reference: String(orderNumber), url: link.checkoutUrl, expiresAt };
  };

  const payerOf = (link: PaymentLink, bankReference: string): Transaction | undefined =>
    link.transactions.find((transaction) => transaction.reference === bankReference);

  const isPaidOut = async (key: string): Promise<boolean> => {
    const page = await payos.payouts.list({ referenceId: key });
    return page.data.some((payout) =>
      payout.transactions.every(({ state }) => !['CANCELLED', 'FAILED', 'REVERSED'].includes(state)),
    );
  };

  return {
    name,
    bounds: (code) => (code === currency ? transferBounds : null),

    async checkout(request) {
      try {
        return await openLink(request);
      } catch (error) {
        if (codeOf(error) !== ORDER_EXISTS) throw asProviderError(error);
      }
      try {
        // An earlier call made the link and lost the answer.
        const { id } = await payos.paymentRequests.get(request.orderNumber);
        const url = `https://pay.payos.vn/web/${id}`;
        return { reference: String(request.orderNumber), url, expiresAt: request.expiresAt };
      } catch (error) {
        throw asProviderError(error);
      }
    },

    async closeCheckout(reference) {
      try {
        await payos.paymentRequests.cancel(Number(reference));
      } catch (error) {
        // Refused is a link that has ended by itself or was paid: what it is, `lookUp` says.
        if (!isRefusal(error) && codeOf(error) !== ORDER_EXISTS) throw asProviderError(error);
      }
    },

    async lookUp(reference) {
      try {
        const { orderCode, status, transactions } = await payos.paymentRequests.get(Number(reference));
        return {
          isFinal: ['PAID', 'CANCELLED', 'EXPIRED', 'FAILED'].includes(status),
          events: transactions.map((transaction) =>
            eventOf(orderCode, transaction.reference, transaction.amount, currency),
          ),
        };
      } catch (error) {
        throw asProviderError(error);
      }
    },

    async readWebhook(body, _, now): Promise<WebhookReading> {
      let message: unknown;
      try {
        message = JSON.parse(body);
      } catch {
        return { kind: 'malformed' };
      }
      const parsed = v.safeParse(signed, message);
      if (!parsed.success) return { kind: 'bad_signature' };
      const { data, signature } = parsed.output;
      // The SDK's own comparison tells by its time how much of a signature is right.
      const expected = await payos.crypto.createSignatureFromObj(data, checksumKey);
      if (expected === null || !isSame(expected, signature)) return { kind: 'bad_signature' };

      const told = v.safeParse(transfer, data);
      if (!told.success) return { kind: 'malformed' };
      const { orderCode, amount, reference, transactionDateTime, code } = told.output;
      if (orderCode === TRIAL_ORDER_CODE || code !== SUCCESS) return { kind: 'ignored' };
      // Only the transfer's own time is signed, and nothing of the delivery's.
      const paidAt = transferTime(transactionDateTime);
      const isTimely = paidAt <= now + WEBHOOK_AGE_MAX_MS && paidAt >= now - OLDEST_MONEY_MS;
      if (!isTimely) return { kind: 'bad_signature' };
      return {
        kind: 'event',
        event: eventOf(orderCode, reference, amount, told.output.currency.toUpperCase()),
      };
    },

    async refund({ key, reference, amount, isRepeated }: RefundRequest): Promise<RefundResult> {
      const [orderCode = '', bankReference = ''] = reference.split(':');
      try {
        if (isRepeated && (await isPaidOut(key))) return { kind: 'sent' };
        const link = await payos.paymentRequests.get(Number(orderCode));
        const payer = payerOf(link, bankReference);
        if (!payer?.counterAccountBankId || !payer.counterAccountNumber) {
          return { kind: 'rejected', code: 'payer_account_unknown' };
        }
        await payos.payouts.create(
          {
            referenceId: key,
            amount,
            description: 'Refund',
            toBin: payer.counterAccountBankId,
            toAccountNumber: payer.counterAccountNumber,
            category: ['refund'],
          },
          key,
        );
        return { kind: 'sent' };
      } catch (error) {
        return { kind: isRefusal(error) ? 'rejected' : 'retry', code: codeOf(error) };
      }
    },
  };
}
