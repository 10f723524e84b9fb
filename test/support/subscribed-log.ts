/** A real store and a clock that the test moves, for tests of the log's subscribers. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, expect } from 'vitest';
import { deliverEvents, type EventDelivery } from '../../src/background/deliver-events.ts';
import type { Delivery, Subscriber } from '../../src/background/subscriber.ts';
import type { LoggedEvent } from '../../src/database/log-reads.ts';
import { logReads } from '../../src/database/log-reads.ts';
import type { ShopDatabase } from '../../src/database/shop-database.ts';
import type { OwnDatabase } from '../../src/database/sqlite/open-database.ts';
import type { Command } from '../../src/domain/command.ts';
import { DELIVERY_INTERVAL_MS } from '../../src/domain/delivery-limits.ts';
import type { Outcome } from '../../src/domain/outcome.ts';
import { createDrop, placeHold } from './commands.ts';
import { FakeClock } from './fake-clock.ts';
import { migratedFile } from './scratch-store.ts';
import { openThreadedStore } from './threaded-store.ts';

/** Receives holds; `answer` decides each delivery. Delivered orders are recorded. */
export class RecordingSubscriber implements Subscriber {
  readonly kinds = new Set(['held'] as const);
  readonly reported: number[] = [];
  attempts = 0;
  underWay = 0;
  mostUnderWay = 0;
  answer: (order: number) => Promise<Delivery> = async () => 'done';
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  async deliver({ orderId }: LoggedEvent): Promise<Delivery> {
    this.attempts += 1;
    this.underWay += 1;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
    try {
      const answer = await this.answer(orderId ?? 0);
      if (answer === 'done') this.reported.push(orderId ?? 0);
      return answer;
    } finally {
      this.underWay -= 1;
    }
  }

  get inOrder(): number[] {
    return this.reported.toSorted((a, b) => a - b);
  }
}

type Facts = Readonly<Record<string, unknown>>;

/** More steps than any test needs: a condition that never holds then fails its test. */
const STEPS_MAX = 20_000;

/** A shop with one drop and a subscriber; created for each test after `useSubscribedLog`. */
export class SubscribedLog {
  store!: OwnDatabase;
  file = migratedFile();
  clock = new FakeClock(Date.now());
  errors: Facts[] = [];
  warnings: Facts[] = [];
  deliveries: EventDelivery[] = [];
  buyers = 0;
  /** Commands of the subscribers that the writer has not answered yet. */
  submitted = 0;

  async open(): Promise<void> {
    this.store = await openThreadedStore(this.file);
  }

  async begin(receiver: Subscriber): Promise<EventDelivery> {
    const { clock } = this;
    const log = {
      debug: () => undefined,
      info: () => undefined,
      warn: (fields: Facts) => void this.warnings.push(fields),
      error: (fields: Facts) => void this.errors.push(fields),
    };
    const deliveries = await deliverEvents(receiver, { db: this.counted(), clock, log, random: () => 0.5 });
    this.deliveries.push(deliveries);
    return deliveries;
  }

  /** The store, with its pending commands counted. */
  counted(): ShopDatabase {
    const { store } = this;
    const submit = async <C extends Command>(command: C): Promise<Outcome<C>> => {
      this.submitted += 1;
      try {
        return await store.submit(command);
      } finally {
        this.submitted -= 1;
      }
    };
    return { ...store, submit };
  }

  /** Places `count` holds and returns their orders. */
  async buy(count: number): Promise<number[]> {
    const outcomes = await Promise.all(
      Array.from({ length: count }, () => {
        this.buyers += 1;
        return this.store.submit(placeHold(`buyer-${this.buyers}`));
      }),
    );
    return outcomes.map((outcome) => (outcome.kind === 'held' ? outcome.order.id : 0));
  }

  /**
   * Moves the clock; resolves once no command is pending and a turn of the event loop has run all
   * promises. Everything left then waits for the clock or the test, so the machine's speed does not
   * matter.
   */
  async step(durationMs = DELIVERY_INTERVAL_MS): Promise<void> {
    this.clock.jump(durationMs);
    do await nextTurn();
    while (this.submitted > 0);
  }

  /** Takes steps, at least one, until `fits`. */
  async stepUntil(fits: () => boolean, stepMs = DELIVERY_INTERVAL_MS): Promise<void> {
    let steps = 0;
    do {
      await this.step(stepMs);
      steps += 1;
    } while (!fits() && steps < STEPS_MAX);
    expect(fits()).toBe(true);
  }

  lastSeq(): number {
    return logReads(this.store).eventsAfter(0, 1_000_000).at(-1)?.seq ?? 0;
  }

  /** Expects that the whole log counts as delivered, also after a restart. */
  async savedAll(name: string): Promise<void> {
    // One step for the deliveries, and one that stores the position after them.
    await this.step();
    await this.step();
    const stored = await this.store.submit({ kind: 'advanceSubscriber', name, lastSeq: null });
    expect(stored).toEqual({ kind: 'advanced', lastSeq: this.lastSeq() });
  }
}

/** Opens a shop before each test and closes it after. */
export function useSubscribedLog(): SubscribedLog {
  const log = new SubscribedLog();
  beforeEach(async () => {
    Object.assign(log, new SubscribedLog());
    await log.open();
    const items = [{ sku: 'one', name: 'One size', price: 1250, stock: 100_000 }];
    await log.store.submit(createDrop({ startsAt: 0, items }));
  });
  afterEach(async () => {
    await Promise.all(log.deliveries.map((deliveries) => deliveries.stop()));
    await log.store.close(2_000);
  });
  return log;
}
