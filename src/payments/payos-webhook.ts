/** Verifies and reads the webhooks of payOS. */
import { timingSafeEqual } from 'node:crypto';
import type { PayOS } from '@payos/node';
import * as v from 'valibot';
import { WEBHOOK_AGE_MAX_MS } from '../limits.ts';
import { currencyCode, amount as readableAmount, reference as readableReference } from './answer.ts';
import { compareTransfer, type ReadMark } from './mark.ts';
import { payosCurrency, payosEvent } from './payos-payment.ts';
import type { WebhookReading } from './provider.ts';

const SUCCESS = '00';
/** Order code of the test webhook that payOS sends when a webhook URL is registered. */
const TRIAL_ORDER_CODE = 123;
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
  currency: v.optional(currencyCode, payosCurrency),
});
/**
 * Data about no payment: a test of a new URL, or a failed transfer. Other fields may be anything.
 */
const noPayment = v.union([
  v.object({ orderCode: v.literal(TRIAL_ORDER_CODE) }),
  v.object({ code: v.pipe(signedText, v.notValue(SUCCESS)) }),
]);

/** payOS writes Vietnam's time without an offset. NaN if the text is no time. */
const transferTime = (text: string): number => Date.parse(`${text.trim().replace(' ', 'T')}+07:00`);

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

type SignedData = v.InferOutput<typeof signed>['data'];

/** The data of a signed webhook; else why it is refused. */
async function verify(
  body: string,
  payos: PayOS,
  checksumKey: string,
): Promise<SignedData | 'malformed' | 'bad_signature'> {
  let message: unknown;
  try {
    message = JSON.parse(body);
  } catch {
    return 'malformed';
  }
  const parsed = v.safeParse(signed, message);
  if (!parsed.success) return 'bad_signature';
  const { data, signature } = parsed.output;
  // The SDK's own comparison is not constant-time.
  const expected = await payos.crypto.createSignatureFromObj(data, checksumKey);
  return expected !== null && isSame(expected, signature) ? data : 'bad_signature';
}

/** Reads what payOS has signed. */
async function readSigned(data: SignedData, readMark: ReadMark, now: number): Promise<WebhookReading> {
  if (v.is(noPayment, data)) return { kind: 'ignored' };
  const parsed = v.safeParse(transfer, data);
  if (!parsed.success) return { kind: 'malformed' };
  const { orderCode, amount, currency, reference, transactionDateTime, description } = parsed.output;
  // Only the transfer's time is signed, not the delivery's.
  const paidAt = transferTime(transactionDateTime);
  const isTimely = paidAt <= now + WEBHOOK_AGE_MAX_MS && paidAt >= now - OLDEST_MONEY_MS;
  if (!isTimely) return { kind: 'bad_signature' };
  const mark = compareTransfer(description, await readMark(), orderCode);
  return { kind: 'event', event: payosEvent(orderCode, reference, amount, currency, mark) };
}

export const createPayosWebhook =
  (payos: PayOS, checksumKey: string, readMark: ReadMark) =>
  async (body: string, now: number): Promise<WebhookReading> => {
    const data = await verify(body, payos, checksumKey);
    return typeof data === 'string' ? { kind: data } : readSigned(data, readMark, now);
  };
