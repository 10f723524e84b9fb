/** The door before purchases: while the writer's queue is full they are turned away, unread, and not faster than others are served. */
import type { Clock } from '../clock.ts';
import type { Store } from '../database/store.ts';
import { refuse } from './problem.ts';

/** In each turn of the event loop so many at least hear that they are refused. */
const REFUSED_PER_TURN_MIN = 2;
/** To turn somebody away costs about half of serving somebody: a quarter as many take an eighth of the time. */
const REFUSED_PER_SERVED = 0.25;
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
 * turn is over, and each turn answers only some.
 */
export function createDoor({ store, clock }: { store: Pick<Store, 'isFull'>; clock: Clock }): Door {
  let waiting: Waiting[] = [];
  /** Since somebody waits, or since the last turn. */
  let served = 0;
  const answerSome = (): void => {
    let count = Math.max(REFUSED_PER_TURN_MIN, Math.floor(served * REFUSED_PER_SERVED));
    served = 0;
    const lateMs = clock.monotonicMs() - WAIT_MAX_MS;
    for (let next = waiting[count]; next && next.sinceMs <= lateMs; next = waiting[count]) count += 1;
    const now = waiting.slice(0, count);
    waiting = waiting.slice(count);
    for (const { answer } of now) answer();
    if (waiting.length > 0) clock.soon(answerSome);
  };
  const refuseInTurn = (): Promise<Response> =>
    new Promise((resolve) => {
      if (waiting.length === 0) {
        served = 0;
        clock.soon(answerSome);
      }
      waiting.push({
        sinceMs: clock.monotonicMs(),
        answer: () => resolve(refuse({ kind: 'overloaded', retryAfterSeconds: 1 })),
      });
    });
  return {
    refuseInTurn,
    turnAway: () => (store.isFull() ? refuseInTurn() : null),
    served() {
      served += 1;
    },
  };
}
