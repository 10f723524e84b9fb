/** Classifies the server's answers into the outcomes that a run counts. */
import { type Answer, showsDrops, verdictOfAnswer } from '../../src/crowd/answers.ts';
import type { HttpResponse } from '../../src/crowd/http-response.ts';
import type { AcknowledgedOrder } from './acknowledged.ts';
import type { PurchaseRequest } from './requests.ts';

export const outcomes = [
  'read_ok',
  'held',
  'replayed',
  'sold_out',
  'limited',
  'paid',
  'shed',
  'error',
] as const;
export type Outcome = (typeof outcomes)[number];

/** The meaning of an answer; `order` is set if the server acknowledged one. */
export interface Judged {
  outcome: Outcome;
  order?: AcknowledgedOrder;
  /** Set if the purchase may be in the file although the client got no answer. */
  unknown?: true;
  /** Status and body, or the socket's error, if the outcome is `error`. */
  error?: string;
  speaksOfLock?: true;
}

const readOk: Judged = { outcome: 'read_ok' };
const paid: Judged = { outcome: 'paid' };
const refusals: Record<string, Outcome> = { sold_out: 'sold_out', limit_reached: 'limited' };

/** Matches any mention of a lock that a request waited for or failed on. */
export const lockWords = /\b(locked|busy|SQLITE_BUSY\w*|SQLITE_LOCKED\w*)\b/i;

export function judgeRead(answer: Answer): Judged {
  if (answer instanceof Error) return { outcome: 'error', error: answer.message };
  if (showsDrops(answer)) return readOk;
  return answer.status === 503 ? refused('shed', answer) : unexpected(answer);
}

export function judgePurchase(request: PurchaseRequest, answer: Answer): Judged {
  const verdict = verdictOfAnswer(answer);
  if (answer instanceof Error) return { outcome: 'error', unknown: true, error: answer.message };
  if (verdict.kind === 'ok') return judgeAcknowledged(request, answer, verdict.isReplay);
  if (answer.status === 503) {
    return { ...refused('shed', answer), ...(verdict.kind === 'unknown' && { unknown: true }) };
  }
  if (verdict.kind === 'unknown') return { ...unexpected(answer), unknown: true };
  const refusal = answer.status === 409 ? refusals[verdict.code] : undefined;
  return refusal === undefined ? unexpected(answer) : refused(refusal, answer);
}

export function judgePayment(answer: Answer): Judged {
  if (answer instanceof Error) return { outcome: 'error', error: answer.message };
  if (answer.status === 200 && answer.body.includes('"effect":"paid"')) return paid;
  return answer.status === 503 ? refused('shed', answer) : unexpected(answer);
}

function judgeAcknowledged(request: PurchaseRequest, answer: HttpResponse, isReplay: boolean): Judged {
  const { id, sku, quantity } = orderOf(answer.body);
  if (typeof id !== 'string' || sku !== request.sku || quantity !== request.quantity) {
    return { ...unexpected(answer), unknown: true };
  }
  const placed: AcknowledgedOrder = { id, sku: request.sku, quantity: request.quantity };
  return isReplay
    ? { outcome: 'replayed', order: { ...placed, isReplay: true } }
    : { outcome: 'held', order: placed };
}

function refused(outcome: Outcome, answer: HttpResponse): Judged {
  return lockWords.test(answer.body) ? { outcome, speaksOfLock: true } : { outcome };
}

function unexpected(answer: HttpResponse): Judged {
  return { ...refused('error', answer), error: `${answer.status} ${answer.body.slice(0, 300)}` };
}

/** Returns the order of an acknowledgement; an empty object if the body has none. */
function orderOf(body: string): { id?: unknown; sku?: unknown; quantity?: unknown } {
  try {
    return (JSON.parse(body) as { order?: object }).order ?? {};
  } catch {
    return {};
  }
}
