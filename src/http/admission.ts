/**
 * Admission control for purchases: while the writer's queue is full, refuses them unread, and more
 * slowly than others are served.
 */

import type { ShopDatabase } from '../database/shop-database.ts';
import type { Clock } from '../split/clock.ts';
import { refuse } from './problem.ts';

/** Refusing costs about half as much as serving: a fifth as many takes a tenth of the time. */
const REFUSED_PER_SERVED = 0.2;
/** While none is served there is spare time for one refusal every 2 ms, but never for thousands. */
const REFUSED_PER_MS = 0.5;
const PAUSE_MS = 1;
/** Upper bound on how long a refusal is delayed. */
const WAIT_MAX_MS = 3_000;

export interface Admission {
  /** Null if the request is admitted. */
  shed(): Promise<Response> | null;
  /** For a request that was admitted but then found the queue full. */
  shedInTurn(): Promise<Response>;
  /** Call this for each order that was placed. */
  served(): void;
}

interface Waiting {
  sinceMs: number;
  answer: () => void;
}

/**
 * A refused client retries at once on the same connection. If it were answered within the
 * event-loop turn that read it, the retry would be read in the same turn, and thousands of retries
 * would keep the turn from ending. So refusals wait until the turn is over, and are limited to a
 * share of the requests served.
 */
export function createAdmission({
  db,
  clock,
}: {
  db: Pick<ShopDatabase, 'isFull'>;
  clock: Clock;
}): Admission {
  const waiting: Waiting[] = [];
  /** Number of refusals that may be sent now. */
  let credit = 0;
  let lastMs = 0;
  const answerSome = (): void => {
    const nowMs = clock.monotonicMs();
    credit += (nowMs - lastMs) * REFUSED_PER_MS;
    lastMs = nowMs;
    let count = Math.floor(credit);
    for (let next = waiting[count]; next && nowMs - next.sinceMs >= WAIT_MAX_MS; next = waiting[count])
      count += 1;
    credit = Math.max(0, credit - count);
    for (const { answer } of waiting.splice(0, count)) answer();
    if (waiting.length > 0) clock.after(PAUSE_MS, answerSome);
  };
  const shedInTurn = (): Promise<Response> =>
    new Promise((resolve) => {
      const nowMs = clock.monotonicMs();
      if (waiting.length === 0) {
        credit = 0;
        lastMs = nowMs;
        clock.after(PAUSE_MS, answerSome);
      }
      waiting.push({
        sinceMs: nowMs,
        answer: () => resolve(refuse({ kind: 'overloaded', retryAfterSeconds: 1 })),
      });
    });
  return {
    shedInTurn,
    shed: () => (db.isFull() ? shedInTurn() : null),
    served() {
      credit += REFUSED_PER_SERVED;
    },
  };
}
