/** Sends due refunds from stored rows, each until its provider accepts it or it fails. */

import type { DueRefund } from '../database/money-reads.ts';
import { moneyReads } from '../database/money-reads.ts';
import type { ShopDatabase } from '../database/shop-database.ts';
import { backoffMs } from '../domain/backoff.ts';
import type { FinishRefund } from '../domain/command.ts';
import type { Ids } from '../ids/ids.ts';
import {
  FAILED_COMMAND_REST_MS,
  REFUND_ATTEMPTS_MAX,
  REFUND_BACKOFF_FIRST_MS,
  REFUND_BACKOFF_MAX_MS,
  REFUND_CONCURRENCY,
  REFUND_INTERVAL_MS,
} from '../limits.ts';
import type { Log } from '../log.ts';
import type { PaymentProvider, RefundResult } from '../payments/provider.ts';
import type { Clock } from '../split/clock.ts';

export interface RefundSenderDeps {
  db: ShopDatabase;
  ids: Ids;
  providers: ReadonlyMap<string, PaymentProvider>;
  clock: Clock;
  log: Log;
  /** From 0 up to 1: spreads the attempts of refunds that failed together. */
  random: () => number;
}

export interface RefundSender {
  /** Whether no refund is due and none is under way. */
  isQuiet(): boolean;
  /** Starts no more attempts. Resolves once those under way have ended. */
  stop(): Promise<void>;
}

function resultOf(
  answer: RefundResult,
  isLastAttempt: boolean,
): Pick<FinishRefund, 'result' | 'error' | 'isKeySpent' | 'reference'> {
  if (answer.kind === 'sent') return { result: 'sent', error: null, reference: answer.reference ?? null };
  const result = answer.kind === 'rejected' || isLastAttempt ? 'failed' : 'retry';
  return { result, error: answer.code, isKeySpent: answer.isKeySpent };
}

/** The first key is the refund's id; later keys append the number of earlier attempts. */
const keyOf = (id: string, keyNumber: number): string => (keyNumber === 0 ? id : `${id}.${keyNumber}`);

/**
 * Each attempt is counted on disk before the provider is called. Without an answer, the next
 * attempt repeats the key, also after a crash: the request may still be in progress, and another
 * key would make another refund. After an error, which the provider may replay, the next attempt
 * looks up what took effect, and otherwise uses a new key.
 */
export function sendRefunds(deps: RefundSenderDeps): RefundSender {
  const { db, ids, providers, clock, log, random } = deps;
  const inFlight = new Map<number, Promise<void>>();
  /**
   * Refunds whose attempt the database refused, with the end of their pause on the monotonic clock.
   */
  const resting = new Map<number, number>();
  let isStopping = false;

  /** Resolves with whether the attempt started: the writer may refuse it. */
  const attempt = async ({
    id: refundId,
    attempts,
    seriesStart,
    keyNumber,
    keyShardId,
    provider,
    ...payment
  }: DueRefund): Promise<boolean> => {
    const { amount } = payment;
    const nth = attempts - seriesStart;
    const waitMs = backoffMs(nth, random, REFUND_BACKOFF_FIRST_MS, REFUND_BACKOFF_MAX_MS);
    const nextAttemptAt = clock.now() + Math.round(waitMs);
    const begun = await db.submit({ kind: 'beginRefund', refundId, attempts, amount, nextAttemptAt });
    if (begun.kind === 'command_failed') resting.set(refundId, clock.monotonicMs() + FAILED_COMMAND_REST_MS);
    if (begun.kind !== 'done') return false;
    const id = ids.refundKey({ refundId, keyShardId });
    const key = keyOf(id, keyNumber);
    const isKeyUsed = attempts > keyNumber;
    const answer: RefundResult = (await providers
      .get(provider)
      ?.refund({ id, key, isKeyUsed, isRepeated: attempts > 0, ...payment })) ?? {
      kind: 'retry',
      code: 'provider_not_configured',
      isKeySpent: false,
    };
    const result = resultOf(answer, nth + 1 >= REFUND_ATTEMPTS_MAX);
    // If this is lost, the next attempt finds the refund at the provider.
    await db.submit({ kind: 'finishRefund', refundId, ...result });
    const facts = { refund: ids.refund(refundId), provider, attempt: nth + 1, code: result.error };
    if (result.result === 'failed') log.error(facts, 'a refund was given up; an operator must act');
    else if (result.result === 'retry') log.warn(facts, 'a refund will be retried');
    return true;
  };

  const poll = (): void => {
    const free = REFUND_CONCURRENCY - inFlight.size;
    if (isStopping || free <= 0) return;
    for (const [id, endMs] of resting) if (endMs <= clock.monotonicMs()) resting.delete(id);
    // Refunds under way may be due again, and paused ones are: read that many more, to use all free
    // slots.
    for (const refund of moneyReads(db).dueRefunds(clock.now(), REFUND_CONCURRENCY + free + resting.size)) {
      if (inFlight.has(refund.id) || resting.has(refund.id) || inFlight.size >= REFUND_CONCURRENCY) continue;
      const ended = attempt(refund)
        .catch((error: unknown) => {
          log.error({ error: String(error) }, 'a refund attempt failed');
          return false;
        })
        .then((hasBegun) => {
          inFlight.delete(refund.id);
          // A slot is free, and a sell-out may have left thousands of refunds. But a refused refund
          // would be refused again at once, without a turn of the event loop in between, and
          // nothing else would run in this thread.
          if (hasBegun) poll();
        });
      inFlight.set(refund.id, ended);
    }
  };
  clock.soon(poll);
  const stopPolling = clock.every(REFUND_INTERVAL_MS, poll);

  return {
    isQuiet: () =>
      inFlight.size === 0 && (moneyReads(db).nextRefundAt() ?? Number.POSITIVE_INFINITY) > clock.now(),
    async stop() {
      isStopping = true;
      stopPolling();
      await Promise.all(inFlight.values());
    },
  };
}
