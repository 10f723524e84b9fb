/** Sends the refunds that are due: from rows that outlive the process, each until its provider has taken it or it is given up. */

import type { DueRefund } from '../database/money-reads.ts';
import { moneyReads } from '../database/money-reads.ts';
import type { ShopDatabase } from '../database/shop-database.ts';
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
  /** No refund is due, and none is under way. */
  isQuiet(): boolean;
  /** Begins no more attempts, and resolves once those under way have ended. */
  stop(): Promise<void>;
}

/** Milliseconds after the `nth` attempt of a series (from 0): twice as long each time, less up to a half by chance. */
const refundBackoffMs = (nth: number, random: () => number): number =>
  Math.min(REFUND_BACKOFF_MAX_MS, REFUND_BACKOFF_FIRST_MS * 2 ** nth) * (1 - random() / 2);

function resultOf(
  answer: RefundResult,
  isLastAttempt: boolean,
): Pick<FinishRefund, 'result' | 'error' | 'isKeySpent' | 'reference'> {
  if (answer.kind === 'sent') return { result: 'sent', error: null, reference: answer.reference ?? null };
  const result = answer.kind === 'rejected' || isLastAttempt ? 'failed' : 'retry';
  return { result, error: answer.code, isKeySpent: answer.isKeySpent };
}

/** The first key is the refund's id; later ones have the number of attempts before their first use. */
const keyOf = (id: string, keyNumber: number): string => (keyNumber === 0 ? id : `${id}.${keyNumber}`);

/**
 * Each attempt is counted on disk before the provider is asked. While an answer is missing, the next attempt repeats the
 * key, also after a crash: the request may still be on its way, and another key would make another refund. Once an error
 * was answered, which the provider may replay, the next attempt looks up what took effect, and else takes a new key.
 */
export function sendRefunds(deps: RefundSenderDeps): RefundSender {
  const { db, ids, providers, clock, log, random } = deps;
  const underWay = new Map<number, Promise<void>>();
  /** Refunds whose turn the database has refused, each with the end of its pause on the monotonic clock. */
  const resting = new Map<number, number>();
  let isStopping = false;

  /** Resolves with whether the attempt was begun: the writer may refuse. */
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
    const nextAttemptAt = clock.now() + Math.round(refundBackoffMs(nth, random));
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
    // Where this is not heard, the next attempt finds at the provider that the money is back.
    await db.submit({ kind: 'finishRefund', refundId, ...result });
    const facts = { refund: ids.refund(refundId), provider, attempt: nth + 1, code: result.error };
    if (result.result === 'failed') log.error(facts, 'a refund was given up: an operator must look');
    else if (result.result === 'retry') log.warn(facts, 'a refund will be tried again');
    return true;
  };

  const look = (): void => {
    const free = REFUND_CONCURRENCY - underWay.size;
    if (isStopping || free <= 0) return;
    for (const [id, endMs] of resting) if (endMs <= clock.monotonicMs()) resting.delete(id);
    // Refunds under way may be due again, and paused ones are: read that many more, to fill the free places.
    for (const refund of moneyReads(db).dueRefunds(clock.now(), REFUND_CONCURRENCY + free + resting.size)) {
      if (underWay.has(refund.id) || resting.has(refund.id) || underWay.size >= REFUND_CONCURRENCY) continue;
      const ended = attempt(refund)
        .catch((error: unknown) => {
          log.error({ error: String(error) }, 'a refund attempt failed');
          return false;
        })
        .then((hasBegun) => {
          underWay.delete(refund.id);
          // A place is free, and a sell-out may have left thousands. But what was refused is refused again at once, without
          // a turn of the event loop in between: nothing else would run in this thread any more, not even its end.
          if (hasBegun) look();
        });
      underWay.set(refund.id, ended);
    }
  };
  clock.soon(look);
  const stopLooking = clock.every(REFUND_INTERVAL_MS, look);

  return {
    isQuiet: () =>
      underWay.size === 0 && (moneyReads(db).nextRefundAt() ?? Number.POSITIVE_INFINITY) > clock.now(),
    async stop() {
      isStopping = true;
      stopLooking();
      await Promise.all(underWay.values());
    },
  };
}
