/** Defines a subscriber of the event log, and what all deliveries have in common. */

import type { LoggedEvent } from '../database/log-reads.ts';
import type { ShopDatabase } from '../database/shop-database.ts';
import type { EventKind } from '../domain/event.ts';
import type { Log } from '../log.ts';
import type { Clock } from '../split/clock.ts';

/**
 * The result of a delivery. `retry`: it failed, and is given up after a number of attempts.
 * `unavailable`: every delivery fails now, so it waits until that ends. `deferred`: its own
 * recipient refuses it for now.
 */
export type Delivery = 'done' | 'retry' | 'unavailable' | 'deferred';

export interface Subscriber {
  /** The position is stored under this name: another name starts at the end of the log. */
  name: string;
  kinds: ReadonlySet<EventKind>;
  /** Called again for the same event, and concurrently. A rejection counts as `retry`. */
  deliver(event: LoggedEvent): Promise<Delivery>;
  /** When it last accepted a delivery of this process; 0: never. Only if it answers `deferred`. */
  lastAcceptedAt?(): number;
}

export interface DeliveryDeps {
  db: ShopDatabase;
  clock: Clock;
  log: Log;
  /** From 0 up to 1: spreads the attempts of receivers that failed together. */
  random: () => number;
}

/** Logs an event that will not be delivered to a subscriber. */
export function giveUp(
  { name }: Subscriber,
  seq: number,
  { log, db }: Pick<DeliveryDeps, 'log' | 'db'>,
): void {
  log.error({ subscriber: name, event: seq }, 'an event was given up and not delivered');
  db.metrics.count('stampede_deliveries_given_up_total', name);
}

/** Delivers an event, and logs a rejection without its message, which may quote personal data. */
export const tryDelivery = (
  subscriber: Subscriber,
  event: LoggedEvent,
  { log }: Pick<DeliveryDeps, 'log'>,
): Promise<Delivery> =>
  subscriber.deliver(event).catch((error: unknown) => {
    const facts = {
      subscriber: subscriber.name,
      event: event.seq,
      error: error instanceof Error ? error.name : 'unknown',
    };
    log.warn(facts, 'a delivery failed');
    return 'retry' as const;
  });
