/** Follows the event log for one receiver: each event at least once, from where the last process ended. */
import type { Clock } from '../clock.ts';
import type { LoggedEvent } from '../database/log-reads.ts';
import type { Store } from '../database/store.ts';
import type { EventKind } from '../domain/event.ts';
import {
  FOLLOW_ATTEMPTS_MAX,
  FOLLOW_BACKOFF_FIRST_MS,
  FOLLOW_BACKOFF_MAX_MS,
  FOLLOW_CONCURRENCY,
  FOLLOW_INTERVAL_MS,
  FOLLOW_PAGE_EVENTS,
} from '../limits.ts';
import type { Log } from '../log.ts';

export interface Follower {
  /** Under which the position is kept: another name starts anew, at the end of the log. */
  name: string;
  kinds: ReadonlySet<EventKind>;
  /** May come again for the same event, and for several events at the same time. A rejection counts as `retry`. */
  deliver(event: LoggedEvent): Promise<'done' | 'retry'>;
}

export interface FollowDeps {
  store: Store;
  clock: Clock;
  log: Log;
  /** From 0 up to 1: spreads the attempts of receivers that failed together. */
  random: () => number;
}

export interface Following {
  /** Begins no more deliveries, and resolves once those under way have ended. */
  stop(): Promise<void>;
}

/** Milliseconds before the attempt after the `nth` (from 0). */
const backoffMs = (nth: number, random: () => number): number =>
  Math.min(FOLLOW_BACKOFF_MAX_MS, FOLLOW_BACKOFF_FIRST_MS * 2 ** nth) * (1 - random() / 2);

/**
 * Resolves once its place in the log is known: what happens after that is told. A new follower begins at the end of the
 * log, and not with the customers of last year. A page of events is delivered, several at a time, and then the position moves on: a receiver that fails holds up its
 * own page and nobody else. What fails until the attempts are used up is named in the log and passed over.
 */
export async function follow(
  follower: Follower,
  { store, clock, log, random }: FollowDeps,
): Promise<Following> {
  const { name, kinds } = follower;
  let position: number | null = null;
  let isStopping = false;
  let running: Promise<void> | null = null;
  const wakers = new Set<() => void>();

  const wait = (delayMs: number): Promise<void> =>
    new Promise((resolve) => {
      const wake = (): void => {
        wakers.delete(wake);
        resolve();
      };
      wakers.add(wake);
      clock.after(delayMs, wake);
    });
  const attempt = (event: LoggedEvent): Promise<'done' | 'retry'> =>
    follower.deliver(event).catch((error: unknown) => {
      log.warn(
        { follower: name, error: error instanceof Error ? error.name : 'unknown' },
        'a delivery failed',
      );
      return 'retry';
    });

  const deliver = async (event: LoggedEvent): Promise<void> => {
    for (let nth = 0; nth < FOLLOW_ATTEMPTS_MAX && !isStopping; nth += 1) {
      if ((await attempt(event)) === 'done') return;
      await wait(backoffMs(nth, random));
    }
    if (!isStopping)
      log.error({ follower: name, event: event.seq }, 'an event was given up: it was not delivered');
  };

  const advance = async (lastSeq: number | null): Promise<void> => {
    const outcome = await store.submit({ kind: 'advanceFollower', name, lastSeq });
    // Refused by the queue: the next look tells the same events again, which is allowed.
    if (outcome.kind === 'advanced') position = outcome.lastSeq;
  };

  const catchUp = async (): Promise<void> => {
    while (position !== null && !isStopping) {
      const page = store.reads.eventsAfter(position, FOLLOW_PAGE_EVENTS);
      const last = page.at(-1);
      if (!last) return;
      const next = page.filter((event) => kinds.has(event.kind)).values();
      const deliverNext = async (): Promise<void> => {
        for (const event of next) {
          if (isStopping) return;
          await deliver(event);
        }
      };
      await Promise.all(Array.from({ length: FOLLOW_CONCURRENCY }, deliverNext));
      if (isStopping) return;
      const before: number = position;
      await advance(last.seq);
      if (position === before) return;
    }
  };

  await advance(null);
  const stopLooking = clock.every(FOLLOW_INTERVAL_MS, () => {
    running ??= catchUp()
      .catch((error: unknown) => log.error({ follower: name, error: String(error) }, 'following failed'))
      .finally(() => {
        running = null;
      });
  });

  return {
    async stop() {
      isStopping = true;
      stopLooking();
      for (const wake of wakers) wake();
      await running;
    },
  };
}
