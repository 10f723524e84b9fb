/** The meaning of an answer to a buyer: for the ledger, for the count of outcomes, and in words. */
import type { HttpResponse } from './http-response.ts';
import type { Result } from './ledger.ts';
import { type Verdict, verdictOf } from './verdict.ts';

/** A response, or the reason why there is none. */
export type Answer = HttpResponse | Error;

const replayed = /\r\nidempotency-replayed: *true/i;
const orderIn = /"order":\{"id":"(ord_[A-Za-z0-9_-]+)"/;
/** The list of drops, or one drop. */
const drops = /^\{"(?:drops":\[|id":"drp_)/;

/** Whether no server listens on the port. */
export const isRefused = (answer: Answer): boolean =>
  answer instanceof Error && 'code' in answer && answer.code === 'ECONNREFUSED';

export const showsDrops = (answer: Answer): boolean =>
  !(answer instanceof Error) && answer.status === 200 && drops.test(answer.body);

export function verdictOfAnswer(answer: Answer): Verdict {
  if (answer instanceof Error) return { kind: 'unknown', reason: answer.message };
  return verdictOf(answer.status, answer.body, replayed.test(answer.head));
}

/** Converts a verdict for the ledger: success without an order counts as unknown. */
export function resultOf(verdict: Verdict): Result {
  if (verdict.kind !== 'ok') return verdict;
  const orderId = orderIn.exec(verdict.body)?.[1];
  if (orderId === undefined) return { kind: 'unknown', reason: 'an acknowledgement without an order' };
  return { kind: 'ok', orderId, body: verdict.body };
}

export function outcomeOf(verdict: Verdict, done: 'held' | 'paid'): string {
  if (verdict.kind === 'refused') return verdict.code;
  if (verdict.kind === 'unknown') return 'unanswered';
  return verdict.isReplay ? 'replayed' : done;
}

export function wordsOf(verdict: Verdict): string {
  if (verdict.kind === 'refused') return verdict.code;
  return verdict.kind === 'unknown' ? verdict.reason : 'something else';
}
