/** The door before purchases: while the writer's queue is full they are turned away, unread, and not faster than others are served. */

import type { ShopDatabase } from '../database/shop-database.ts';
import type { Clock } from '../split/clock.ts';
import { refuse } from './problem.ts';

/** To turn somebody away costs about half of serving somebody: a fifth as many take a tenth of the time. */
const REFUSED_PER_SERVED = 0.2;
/** Where nobody is served there is time: a few hear of it within milliseconds, and thousands do not at once. */
const REFUSED_PER_MS = 0.5;
const PAUSE_MS = 1;
/** Nobody waits longer to hear that he is refused, whatever it costs. */
const WAIT_MAX_MS = 3_000;

export interface Door {
  /** Null: come in. */
  turnAway(): Promise<Response> | null;
  /** For whoever has come in, and found the queue full then. */
  refuseInTurn(): Promise<Response>;
  /** To be called with each order that was placed. */
  served(): void;
}

interface Waiting {
  sinceMs: number;
  answer: () => void;
}

/**
 * A client that is refused asks again, on the same connection at once. Answered within the turn of the event loop that has read
 * it, it would be read again in the same turn, and thousands like it would keep the turn from its end. So refusals wait until the
 * turn is over, and are not more than those who are served can spare.
 */
export function createDoor({ db, clock }: { db: Pick<ShopDatabase, 'isFull'>; clock: Clock }): Door {
  const waiting: Waiting[] = [];
  /** So many may be answered, since somebody waits. */
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
  const refuseInTurn = (): Promise<Response> =>
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
    refuseInTurn,
    turnAway: () => (db.isFull() ? refuseInTurn() : null),
    served() {
      credit += REFUSED_PER_SERVED;
    },
  };
}
