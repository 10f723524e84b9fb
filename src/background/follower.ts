/** What a subscriber of the event log is, and what each delivery to it has in common. */
import type { Clock } from '../clock.ts';
import type { LoggedEvent } from '../database/log-reads.ts';
import type { Store } from '../database/store.ts';
import type { EventKind } from '../domain/event.ts';
import type { Log } from '../log.ts';

/**
 * What became of a delivery. `retry`: it failed, and is given up after so many attempts. `away`: whatever is delivered fails now, so it
 * waits for as long as that lasts. `late`: its own recipient refuses it for now.
 */
export type Delivery = 'done' | 'retry' | 'away' | 'late';

export interface Follower {
  /** Under which the position is kept: another name starts anew, at the end of the log. */
  name: string;
  kinds: ReadonlySet<EventKind>;
  /** May come again for the same event, and for several events at the same time. A rejection counts as `retry`. */
  deliver(event: LoggedEvent): Promise<Delivery>;
  /** When it has last taken anything, since this process began; 0: never. Only where it answers `late`. */
  lastAcceptedAt?(): number;
}

export interface FollowDeps {
  store: Store;
  clock: Clock;
  log: Log;
  /** From 0 up to 1: spreads the attempts of receivers that failed together. */
  random: () => number;
}

/** Milliseconds before the attempt after the `nth` (from 0). */
export const backoffMs = (nth: number, random: () => number, firstMs: number, maxMs: number): number =>
  Math.min(maxMs, firstMs * 2 ** nth) * (1 - random() / 2);

/** Names an event that a subscriber will not get. */
export function giveUp(
  { name }: Follower,
  seq: number,
  { log, store }: Pick<FollowDeps, 'log' | 'store'>,
): void {
  log.error({ follower: name, event: seq }, 'an event was given up: it was not delivered');
  store.metrics.count('stampede_deliveries_given_up_total', name);
}

/** Delivers an event, and logs a rejection, which may quote what must not be logged. */
export const tryDelivery = (
  follower: Follower,
  event: LoggedEvent,
  { log }: Pick<FollowDeps, 'log'>,
): Promise<Delivery> =>
  follower.deliver(event).catch((error: unknown) => {
    const facts = {
      follower: follower.name,
      event: event.seq,
      error: error instanceof Error ? error.name : 'unknown',
    };
    log.warn(facts, 'a delivery failed');
    return 'retry' as const;
  });
