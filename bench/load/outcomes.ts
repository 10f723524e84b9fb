/** Classifies the server's answers into the outcomes that a run counts. */

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
export interface Verdict {
  outcome: Outcome;
  order?: AcknowledgedOrder;
  /** Set if the purchase may be in the file although the client got no answer. */
  unknown?: true;
  /** Status and body, or the socket's error, if the outcome is `error`. */
  error?: string;
  speaksOfLock?: true;
}

const readOk: Verdict = { outcome: 'read_ok' };
const paid: Verdict = { outcome: 'paid' };
const refusals: Record<string, Outcome> = { sold_out: 'sold_out', limit_reached: 'limited' };
/** The list of drops, or one drop. */
const readBody = /^\{"(?:drops":\[|id":"drp_)/;
const replayedHeader = /\r\nidempotency-replayed: *true/i;

/** Matches a lock that a request waited for or failed on, wherever the server mentions it. */
export const lockWords = /\b(locked|busy|SQLITE_BUSY\w*|SQLITE_LOCKED\w*)\b/i;

export function judgeRead(answer: HttpResponse | Error): Verdict {
  if (answer instanceof Error) return { outcome: 'error', error: answer.message };
  if (answer.status === 200 && readBody.test(answer.body)) return readOk;
  return answer.status === 503 ? refused('shed', answer) : unexpected(answer);
}

export function judgePurchase(asked: PurchaseRequest, answer: HttpResponse | Error): Verdict {
  if (answer instanceof Error) return { outcome: 'error', unknown: true, error: answer.message };
  if (answer.status === 201) return judgeAcknowledged(asked, answer);
  const code = codeOf(answer) ?? '';
  const refusal = answer.status === 409 ? refusals[code] : undefined;
  if (refusal !== undefined) return refused(refusal, answer);
  if (answer.status === 503) {
    return { ...refused('shed', answer), ...(code === 'outcome_unknown' ? { unknown: true } : {}) };
  }
  // A 5xx promises nothing about what the server did before it failed.
  return { ...unexpected(answer), ...(answer.status >= 500 ? { unknown: true } : {}) };
}

export function judgePayment(answer: HttpResponse | Error): Verdict {
  if (answer instanceof Error) return { outcome: 'error', error: answer.message };
  if (answer.status === 200 && answer.body.includes('"effect":"paid"')) return paid;
  return answer.status === 503 ? refused('shed', answer) : unexpected(answer);
}

function judgeAcknowledged(asked: PurchaseRequest, answer: HttpResponse): Verdict {
  const order = field(parsed(answer.body), 'order');
  const id = field(order, 'id');
  const asAsked = field(order, 'sku') === asked.sku && field(order, 'quantity') === asked.quantity;
  if (typeof id !== 'string' || !asAsked) return { ...unexpected(answer), unknown: true };
  const placed: AcknowledgedOrder = { id, sku: asked.sku, quantity: asked.quantity };
  return replayedHeader.test(answer.head)
    ? { outcome: 'replayed', order: { ...placed, isReplay: true } }
    : { outcome: 'held', order: placed };
}

function refused(outcome: Outcome, answer: HttpResponse): Verdict {
  return lockWords.test(answer.body) ? { outcome, speaksOfLock: true } : { outcome };
}

function unexpected(answer: HttpResponse): Verdict {
  return { ...refused('error', answer), error: `${answer.status} ${answer.body.slice(0, 300)}` };
}

function codeOf(answer: HttpResponse): string | undefined {
  const code = field(parsed(answer.body), 'code');
  return typeof code === 'string' ? code : undefined;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
