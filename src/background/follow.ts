/** Follows the event log for one receiver: each event at least once, from where the last process ended. */
import type { LoggedEvent } from '../database/log-reads.ts';
import { logReads } from '../database/log-reads.ts';
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
} from '../domain/delivery-limits.ts';
import { backoffMs, type FollowDeps, type Follower, giveUp, tryDelivery } from './follower.ts';
import { lateDeliveries } from './late-deliveries.ts';

export interface Following {
  /** Nothing is read that waits for its first attempt, and nothing is under way. */
  isQuiet(): boolean;
  /** Begins no more deliveries, and resolves once those under way have ended or had their time, and the position is kept. */
  stop(): Promise<void>;
  /** Where it stands: after `stop`, where another one can go on. */
  standing(): Standing;
}

/** How far a following has read, and what of that it has not told: each event with its attempts so far, the oldest first. */
export interface Standing {
  readTo: number;
  open: readonly (readonly [seq: number, attempts: number])[];
}

/** Whether more may be read while so many events are open, and `lead` were read since the oldest of them. */
export const mayReadOn = (openEvents: number, lead: number): boolean =>
  openEvents < FOLLOW_OPEN_EVENTS && lead < FOLLOW_LEAD_EVENTS;

/** An event that was read and is not told yet. */
interface OpenEvent {
  event: LoggedEvent;
  attempts: number;
  /** On the monotonic clock. */
  dueMs: number;
}

/**
 * Resolves once its place in the log is known: what happens after that is told. A new follower begins at the end of the
 * log, and not with the customers of last year. An event that fails waits for its next attempt beside the others, which
 * continue; one whose own recipient refuses it is parked (late-deliveries.ts). So deliveries follow the log's order only
 * roughly. The stored position is that of the oldest undelivered event; after a restart, later events that were already
 * delivered are delivered again, unless it goes on from `before`, whose failed events are due in `retryInMs`. What fails
 * until the attempts are used up is named in the log and passed over.
 */
export async function follow(
  follower: Follower,
  deps: FollowDeps,
  before: Standing = { readTo: 0, open: [] },
  retryInMs = 0,
): Promise<Following> {
  const { db, clock, random } = deps;
  const { name, kinds } = follower;
  const open = new Map<number, OpenEvent>();
  const underWay = new Map<number, Promise<void>>();
  let isStopping = false;
  let saving: Promise<void> | null = null;

  /** Null where the writer's queue refused. */
  const advance = async (lastSeq: number | null): Promise<number | null> => {
    const outcome = await db.submit({ kind: 'advanceFollower', name, lastSeq });
    return outcome.kind === 'advanced' ? outcome.lastSeq : null;
  };
  const position = await advance(null);
  if (position === null) throw new Error(`The place of follower ${name} in the log is not known.`);
  const late = follower.lastAcceptedAt ? lateDeliveries(follower, deps, position) : null;
  let saved = position;
  let readTo = Math.max(position, before.readTo);
  for (const [seq, attempts] of before.open) {
    const [event] = seq > position ? logReads(db).eventsAfter(seq - 1, 1) : [];
    const dueMs = clock.monotonicMs() + (attempts > 0 ? retryInMs : 0);
    if (event?.seq === seq) open.set(seq, { event, attempts, dueMs });
  }

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
    const answer = await tryDelivery(follower, event, deps);
    one.attempts += 1;
    const waitMs = backoffMs(one.attempts - 1, random, FOLLOW_BACKOFF_FIRST_MS, FOLLOW_BACKOFF_MAX_MS);
    one.dueMs = clock.monotonicMs() + waitMs;
    // By its age too: attempts are counted in memory, and a process may begin anew every minute.
    const isOld = one.attempts >= FOLLOW_ATTEMPTS_OLD && clock.now() - event.at > FOLLOW_AGE_MAX_MS;
    const isGivenUp = answer === 'retry' && (one.attempts === FOLLOW_ATTEMPTS_MAX || isOld);
    if (isGivenUp) giveUp(follower, event.seq, deps);
    // The position moves past it only once the parked delivery is on disk.
    const isParked = answer === 'late' && (await late?.park(event)) === true;
    if (answer === 'done' || isGivenUp || isParked) open.delete(event.seq);
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
    if (!mayReadOn(open.size, readTo - toldTo())) return;
    const page = logReads(db).eventsAfter(readTo, FOLLOW_PAGE_EVENTS);
    for (const event of page) {
      if (kinds.has(event.kind) && !late?.has(event.seq))
        open.set(event.seq, { event, attempts: 0, dueMs: clock.monotonicMs() });
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
    late?.look();
    saving ??= save().finally(() => {
      saving = null;
    });
  });

  return {
    isQuiet: () =>
      underWay.size === 0 &&
      (logReads(db).lastSeq() === readTo || !mayReadOn(open.size, readTo - toldTo())) &&
      [...open.values()].every(({ attempts }) => attempts > 0),
    standing: () => ({
      readTo,
      // One that has no answer in time has been tried too.
      open: [...open].map(([seq, { attempts }]) => [seq, attempts + Number(underWay.has(seq))]),
    }),
    async stop() {
      isStopping = true;
      stopLooking();
      const isOverdue = new Promise<void>((resolve) => clock.after(FOLLOW_STOP_DEADLINE_MS, resolve));
      await Promise.race([Promise.all([...underWay.values(), late?.stop()]), isOverdue]);
      await saving;
      await save();
    },
  };
}
