/** Follows the event log for one receiver: each event at least once, from where the last process ended. */
import type { Clock } from '../clock.ts';
import type { LoggedEvent } from '../database/log-reads.ts';
import type { Store } from '../database/store.ts';
import type { EventKind } from '../domain/event.ts';
import {
  FOLLOW_AGE_MAX_MS,
  FOLLOW_ATTEMPTS_MAX,
  FOLLOW_ATTEMPTS_OLD,
  FOLLOW_BACKOFF_FIRST_MS,
  FOLLOW_BACKOFF_MAX_MS,
  FOLLOW_CONCURRENCY,
  FOLLOW_INTERVAL_MS,
  FOLLOW_LEAD_EVENTS,
  FOLLOW_OPEN_EVENTS,
  FOLLOW_PAGE_EVENTS,
  FOLLOW_STOP_DEADLINE_MS,
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
  /** Nothing is read that waits for its first attempt, and nothing is under way. */
  isQuiet(): boolean;
  /** Everything that has happened was told. */
  hasTold(): boolean;
  /** Begins no more deliveries, and resolves once those under way have ended or had their time, and the position is kept. */
  stop(): Promise<void>;
}

/** An event that was read and is not told yet. */
interface OpenEvent {
  event: LoggedEvent;
  attempts: number;
  /** On the monotonic clock. */
  dueMs: number;
}

/** Milliseconds before the attempt after the `nth` (from 0). */
const backoffMs = (nth: number, random: () => number): number =>
  Math.min(FOLLOW_BACKOFF_MAX_MS, FOLLOW_BACKOFF_FIRST_MS * 2 ** nth) * (1 - random() / 2);

/**
 * Resolves once its place in the log is known: what happens after that is told. A new follower begins at the end of the
 * log, and not with the customers of last year. An event that fails waits for its next attempt beside the others, which
 * go on: so their order is only roughly the log's. The position that is kept is that of the oldest event not told; after
 * a restart those behind it that were told already are told again. What fails until the attempts are used up is named in
 * the log and passed over.
 */
export async function follow(
  follower: Follower,
  { store, clock, log, random }: FollowDeps,
): Promise<Following> {
  const { name, kinds } = follower;
  const open = new Map<number, OpenEvent>();
  const underWay = new Map<number, Promise<void>>();
  let isStopping = false;
  let saving: Promise<void> | null = null;

  /** Null where the writer's queue refused. */
  const advance = async (lastSeq: number | null): Promise<number | null> => {
    const outcome = await store.submit({ kind: 'advanceFollower', name, lastSeq });
    return outcome.kind === 'advanced' ? outcome.lastSeq : null;
  };
  const place = await advance(null);
  if (place === null) throw new Error(`The place of follower ${name} in the log is not known.`);
  let saved = place;
  let readTo = place;

  /** Up to here everything is told. */
  const toldTo = (): number => {
    const [oldest] = open.keys();
    return oldest === undefined ? readTo : oldest - 1;
  };
  const save = async (): Promise<void> => {
    const told = toldTo();
    // A refusal is no harm: the next look tries again.
    if (told > saved) saved = (await advance(told)) ?? saved;
  };

  const attempt = async (one: OpenEvent): Promise<void> => {
    const { event } = one;
    const answer = await follower.deliver(event).catch((error: unknown) => {
      const facts = {
        follower: name,
        event: event.seq,
        error: error instanceof Error ? error.name : 'unknown',
      };
      log.warn(facts, 'a delivery failed');
      return 'retry' as const;
    });
    one.attempts += 1;
    one.dueMs = clock.monotonicMs() + backoffMs(one.attempts - 1, random);
    // By its age too: attempts are counted in memory, and a process may begin anew every minute.
    const isOld = one.attempts >= FOLLOW_ATTEMPTS_OLD && clock.now() - event.at > FOLLOW_AGE_MAX_MS;
    const isGivenUp = answer === 'retry' && (one.attempts === FOLLOW_ATTEMPTS_MAX || isOld);
    if (isGivenUp) {
      log.error({ follower: name, event: event.seq }, 'an event was given up: it was not delivered');
    }
    if (answer === 'done' || isGivenUp) open.delete(event.seq);
  };
  const beginDue = (): void => {
    const nowMs = clock.monotonicMs();
    for (const [seq, one] of open) {
      if (underWay.size >= FOLLOW_CONCURRENCY) return;
      if (one.dueMs > nowMs || underWay.has(seq)) continue;
      const ended = attempt(one).finally(() => {
        underWay.delete(seq);
        look();
      });
      underWay.set(seq, ended);
    }
  };
  /** One page at a time, so that requests get their turn between two. */
  const readOn = (): void => {
    if (open.size >= FOLLOW_OPEN_EVENTS || readTo - toldTo() >= FOLLOW_LEAD_EVENTS) return;
    const page = store.reads.eventsAfter(readTo, FOLLOW_PAGE_EVENTS);
    for (const event of page) {
      if (kinds.has(event.kind)) open.set(event.seq, { event, attempts: 0, dueMs: clock.monotonicMs() });
    }
    readTo = page.at(-1)?.seq ?? readTo;
    if (page.length === FOLLOW_PAGE_EVENTS) clock.soon(look);
  };
  function look(): void {
    if (isStopping) return;
    beginDue();
    if (underWay.size >= FOLLOW_CONCURRENCY) return;
    readOn();
    beginDue();
  }

  clock.soon(look);
  const stopLooking = clock.every(FOLLOW_INTERVAL_MS, () => {
    look();
    saving ??= save().finally(() => {
      saving = null;
    });
  });

  return {
    isQuiet: () =>
      underWay.size === 0 &&
      store.reads.lastSeq() === readTo &&
      [...open.values()].every(({ attempts }) => attempts > 0),
    hasTold: () => store.reads.lastSeq() === toldTo(),
    async stop() {
      isStopping = true;
      stopLooking();
      const isOverdue = new Promise<void>((resolve) => clock.after(FOLLOW_STOP_DEADLINE_MS, resolve));
      await Promise.race([Promise.all(underWay.values()), isOverdue]);
      await saving;
      await save();
    },
  };
}
