/** The payment provider payOS (Vietnam): payment links, webhooks, and refunds as payouts. */
import { timingSafeEqual } from 'node:crypto';
import { PayOS } from '@payos/node';
import * as v from 'valibot';
import { WEBHOOK_AGE_MAX_MS } from '../limits.ts';
import {
  currencyCode,
  readAnswer,
  amount as readableAmount,
  reference as readableReference,
  UnreadableAnswerError,
} from './answer.ts';
import { compareTransfer, type Mark, type ReadMark, transferMark } from './mark.ts';
import { link as linkAnswer, openedLink, readableTransfers } from './payos-answers.ts';
import { codeOf, isRefusal, isUnknown, ORDER_EXISTS } from './payos-errors.ts';
import { payoutsSince, refundAtPayos } from './payos-refund.ts';
import {
  CHECKOUT_UNKNOWN,
  type Checkout,
  type CheckoutRequest,
  type PaymentEvent,
  type PaymentProvider,
  ProviderError,
  type WebhookReading,
} from './provider.ts';

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

const name = 'payos';
const currency = 'VND';
/** Below 2,000 dong payOS makes no transfer code; Napas 24/7 transfers less than 500 million. */
const transferBounds = { min: 2_000, max: 499_999_999, multipleOf: 1 };
const SUCCESS = '00';
/** payOS answers 200 with this code if a field of the request is invalid. */
const INVALID_REQUEST = '20';
/** Order code of the test webhook that payOS sends when a webhook URL is registered. */
const TRIAL_ORDER_CODE = 123;
/** Others are open: PENDING awaits money, PROCESSING the bank, UNDERPAID the remainder. */
const finalStatuses: ReadonlySet<string> = new Set(['PAID', 'CANCELLED', 'EXPIRED', 'FAILED']);
// Banks can be slow, and payOS repeats a webhook for a while. Older payments are found by
// reconciliation.
const OLDEST_MONEY_MS = 7 * 24 * 3_600_000;

// payOS signs the text `key=value&key=value`, without escaping. Accept only data whose text no
// other data can produce: flat, with plain keys, and without a value that could contain another
// field. "Smith & Sons" can't.
const fieldKey = v.pipe(v.string(), v.regex(/^[a-z]\w*$/i));
const fieldText = v.pipe(
  v.string(),
  v.check((text) => !/&[a-z]\w*=/i.test(text)),
);
const signed = v.object({
  signature: v.string(),
  data: v.record(fieldKey, v.nullable(v.union([fieldText, v.number(), v.boolean()]))),
});
// payOS also signs null, "null" and "undefined" as an empty text, and a number as its digits. So
// each field has the one type that payOS documents, and no text is one of these words.
const isNoWordForEmpty = v.check((text: string) => text !== 'null' && text !== 'undefined');
const signedText = v.pipe(v.string(), isNoWordForEmpty);
const transfer = v.object({
  orderCode: v.pipe(v.number(), v.safeInteger()),
  amount: readableAmount,
  reference: v.pipe(readableReference, isNoWordForEmpty),
  transactionDateTime: signedText,
  paymentLinkId: signedText,
  description: v.optional(signedText, ''),
  code: signedText,
  currency: v.optional(currencyCode, currency),
});
/**
 * Data about no payment: a test of a new URL, or a failed transfer. Other fields may be anything.
 */
const noPayment = v.union([
  v.object({ orderCode: v.literal(TRIAL_ORDER_CODE) }),
  v.object({ code: v.pipe(signedText, v.notValue(SUCCESS)) }),
]);

/** The provider's id of a payment, from the link's order code and the bank's reference. */
const paymentReference = (orderCode: number, bankReference: string): string =>
  `${orderCode}:${bankReference}`;

const eventOf = (
  orderCode: number,
  reference: string,
  amount: number,
  paidIn: string,
  mark: Mark,
): PaymentEvent => ({
  eventId: paymentReference(orderCode, reference),
  reference: paymentReference(orderCode, reference),
  order: { code: orderCode },
  checkout: String(orderCode),
  mark,
  status: 'paid',
  amount,
  currency: paidIn,
});

/** payOS writes Vietnam's time without an offset. NaN if the text is no time. */
const transferTime = (text: string): number => Date.parse(`${text.trim().replace(' ', 'T')}+07:00`);

const asProviderError = (error: unknown): ProviderError =>
  error instanceof ProviderError
    ? error
    : new ProviderError(name, codeOf(error), isRefusal(error) || codeOf(error) === INVALID_REQUEST);

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

export function createPayosProvider(settings: PayosSettings): PaymentProvider {
  const { clientId, apiKey, checksumKey, apiBase, timeoutMs, readMark } = settings;
  const payos = new PayOS({
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

  const openedSchema = openedLink(apiBase);
  const linkOf = async (orderCode: number) => {
    const link = readAnswer(linkAnswer, await payos.paymentRequests.get(orderCode));
    if (link.orderCode !== orderCode) throw new UnreadableAnswerError('orderCode');
    return link;
  };

  const openLink = async (request: CheckoutRequest): Promise<Checkout> => {
    const { orderCode, amount, expiresAt, successUrl, cancelUrl } = request;
    const answer = await payos.paymentRequests.create({
      orderCode,
      amount,
      // The only field of a link that its webhook repeats; a longer text would be refused.
      description: transferMark(await readMark(), orderCode),
      expiredAt: Math.floor(expiresAt / 1000),
      returnUrl: successUrl,
      cancelUrl,
    });
    const link = readAnswer(openedSchema, answer);
    if (link.orderCode !== orderCode) throw new UnreadableAnswerError('orderCode');
    return { reference: String(orderCode), url: link.checkoutUrl, expiresAt };
  };

  /** The link of an earlier call whose answer was lost. */
  const findLink = async ({ orderCode, amount, expiresAt }: CheckoutRequest): Promise<Checkout> => {
    const link = await linkOf(orderCode);
    // Another shop with the same payOS account may have used this number.
    if (link.amount !== amount) throw new ProviderError(name, 'order_code_taken');
    const hasEnded = finalStatuses.has(link.status) && link.status !== 'PAID';
    if (hasEnded) throw new ProviderError(name, `link_${link.status.toLowerCase()}`);
    const url = `https://pay.payos.vn/web/${link.id}`;
    return { reference: String(orderCode), url, expiresAt };
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
        return await findLink(request);
      } catch (error) {
        throw asProviderError(error);
      }
    },

    async closeCheckout(reference) {
      try {
        await payos.paymentRequests.cancel(Number(reference));
      } catch (error) {
        // Refused for links that have ended, were paid or are unknown; `queryCheckout` tells which.
        const isOver = isRefusal(error) || isUnknown(error) || codeOf(error) === ORDER_EXISTS;
        if (!isOver) throw asProviderError(error);
      }
    },

    async queryCheckout(reference) {
      try {
        const { orderCode, status, transactions } = await linkOf(Number(reference));
        const mark = await readMark();
        const transfers = readableTransfers(transactions);
        return {
          isFinal: finalStatuses.has(status),
          ...(transfers.length < transactions.length && { hasUnreadable: true }),
          events: transfers.map(({ reference: transferred, amount, description }) =>
            eventOf(orderCode, transferred, amount, currency, compareTransfer(description, mark, orderCode)),
          ),
        };
      } catch (error) {
        throw isUnknown(error) ? new ProviderError(name, CHECKOUT_UNKNOWN) : asProviderError(error);
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
      // The SDK's own comparison is not constant-time.
      const expected = await payos.crypto.createSignatureFromObj(data, checksumKey);
      if (expected === null || !isSame(expected, signature)) return { kind: 'bad_signature' };

      if (v.is(noPayment, data)) return { kind: 'ignored' };
      const parsedTransfer = v.safeParse(transfer, data);
      if (!parsedTransfer.success) return { kind: 'malformed' };
      const { orderCode, amount, reference, transactionDateTime, description } = parsedTransfer.output;
      // Only the transfer's time is signed, not the delivery's.
      const paidAt = transferTime(transactionDateTime);
      const isTimely = paidAt <= now + WEBHOOK_AGE_MAX_MS && paidAt >= now - OLDEST_MONEY_MS;
      if (!isTimely) return { kind: 'bad_signature' };
      const mark = compareTransfer(description, await readMark(), orderCode);
      const paidIn = parsedTransfer.output.currency;
      return { kind: 'event', event: eventOf(orderCode, reference, amount, paidIn, mark) };
    },

    refund: (request) => refundAtPayos(payos, request),

    async *movements(since, now) {
      try {
        yield* payoutsSince(payos, since, now, currency);
      } catch (error) {
        throw asProviderError(error);
      }
    },
  };
}
