/** The door before purchases: while the writer's queue is full they are turned away, unread, and not faster than others are served. */
import type { Clock } from '../clock.ts';
import type { Store } from '../database/store.ts';
import { refuse } from './problem.ts';

/** In each turn of the event loop so many at least hear that they are refused. */
const REFUSED_PER_TURN_MIN = 2;
/** To turn somebody away costs about half of serving somebody: a quarter as many take an eighth of the time. */
const REFUSED_PER_SERVED = 0.25;

export interface Door {
  /** Null: come in, and call `served` when there is an answer. */
  turnAway(): Promise<Response> | null;
  served(): void;
}

/**
 * A client that is refused asks again, on the same connection at once. Answered within the turn of the event loop that has read
 * it, it would be read again in the same turn, and thousands like it would keep the turn from its end. So refusals wait until the
 * turn is over, and each turn answers only some.
 */
export function createDoor({ store, clock }: { store: Pick<Store, 'isFull'>; clock: Clock }): Door {
  let waiting: (() => void)[] = [];
  let served = 0;
  const answerSome = (): void => {
    const count = Math.max(REFUSED_PER_TURN_MIN, Math.floor(served * REFUSED_PER_SERVED));
    served = 0;
    const now = waiting.slice(0, count);
    waiting = waiting.slice(count);
    for (const answer of now) answer();
    if (waiting.length > 0) clock.soon(answerSome);
  };
  return {
    turnAway() {
      if (!store.isFull()) return null;
      return new Promise((resolve) => {
        if (waiting.length === 0) clock.soon(answerSome);
        waiting.push(() => resolve(refuse({ kind: 'overloaded', retryAfterSeconds: 1 })));
      });
    },
    served() {
      served += 1;
    },
  };
}
