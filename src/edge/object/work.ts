/**
 * An object's background work, run by its alarm: releases holds, sends refunds, reports to the
 * catalogue and subscribers.
 */
import { createSubscribers } from '../../background/configured-subscribers.ts';
import { type RefundSenderDeps, sendRefunds } from '../../background/refund-sender.ts';
import { releaseDueHolds } from '../../background/release-due.ts';
import type { Subscriber } from '../../background/subscriber.ts';
import type { Config } from '../../config/config.ts';
import { moneyReads } from '../../database/money-reads.ts';
import { doubledMs } from '../../domain/backoff.ts';
import type { Reconciliation } from '../../domain/reconciliation.ts';
import {
  ALARM_RETRY_MS,
  ALARM_WORK_MAX_MS,
  CATALOGUE_BACKOFF_FIRST_MS,
  CATALOGUE_BACKOFF_MAX_MS,
  CATALOGUE_DELAY_MS,
} from '../../limits.ts';
import { Catalogue } from '../catalogue.ts';
import { CustomerOutbox } from './customer-outbox.ts';
import { earliest, type ObjectDatabase } from './database.ts';
import { ObjectSubscriber } from './subscriber.ts';

export interface ObjectWorkDeps extends RefundSenderDeps {
  db: ObjectDatabase;
  shardId: number;
  config: Config;
  catalogue: D1Database;
  storage: DurableObjectStorage;
  reconcile: () => Promise<Reconciliation>;
  /** Queues e-mails; null if the Worker sends no mail. */
  mail: Subscriber | null;
}

/** The name of the catalogue's position in the log. */
const catalogueName = 'catalogue';
const POLL_MS = 20;

export class ObjectWork {
  readonly #deps: ObjectWorkDeps;
  readonly #customers: CustomerOutbox;
  readonly #subscribers: readonly ObjectSubscriber[];
  /** The catalogue's position in the log. */
  #reportedSeq = 0;
  #catalogueFailures = 0;
  /** Epoch milliseconds before which a failed report to the catalogue is not retried. */
  #catalogueRetryAt = 0;
  /** Epoch milliseconds before which no work begins, after a whole run has failed. */
  #restsUntil = 0;
  #reporting: { seq: number; bookmark: Promise<string | null> } | null = null;
  /** D1's bookmark of the last report. */
  #bookmark: string | null = null;
  /** Reconcile once: payments may have arrived while the object was evicted. */
  #mustReconcile = false;

  constructor(deps: ObjectWorkDeps) {
    const { config, storage, shardId, mail } = deps;
    this.#deps = deps;
    this.#customers = new CustomerOutbox(storage, shardId);
    const subscribers = createSubscribers(config, deps);
    if (mail) subscribers.push(mail);
    this.#subscribers = subscribers.map((subscriber) => new ObjectSubscriber(subscriber, storage));
  }

  /** Reads the positions of the catalogue and of all subscribers. */
  async begin(): Promise<void> {
    const { db } = this.#deps;
    await this.#advance(0);
    for (const subscriber of this.#subscribers) await subscriber.begin(this.#deps);
    this.#mustReconcile = moneyReads(db).openCheckouts(0, 1).length > 0;
  }

  /**
   * When the next work is due, given the last event's number; null where all is reported. Failures
   * are independent: the catalogue gets a sale while a webhook is down, and mail is sent while the
   * catalogue is down.
   */
  nextAt(now: number, headSeq: number): number | null {
    if (this.#mustReconcile) return now;
    const isCatalogueBehind = this.#isIndexBehind || this.#reportedSeq < headSeq;
    const next = earliest(
      isCatalogueBehind ? this.#catalogueRetryAt : null,
      ...this.#subscribers.map((subscriber) => subscriber.nextAt(headSeq)),
    );
    return next === null ? null : Math.max(now + CATALOGUE_DELAY_MS, this.#restsUntil, next);
  }

  /** Number of events that the catalogue lacks. */
  get eventsBehind(): number {
    return this.#deps.db.lastSeq() - this.#reportedSeq;
  }

  /**
   * Whether the catalogue's index lacks customers of this object, as after an upgrade from a
   * version without the index.
   */
  get #isIndexBehind(): boolean {
    const { db } = this.#deps;
    // The object for payments without an order has no drop, and so no customers.
    return db.snapshot.drops().length > 0 && this.#customers.isBehind;
  }

  /**
   * Writes the drop's current entry if the catalogue lags; resolves with D1's bookmark, or null
   * where D1 failed.
   */
  async reportToCatalogue(): Promise<string | null> {
    const seq = this.#deps.db.lastSeq();
    // A report that is under way may lack the last commit, which the operator must see.
    while (this.#reporting && this.#reporting.seq < seq) await this.#reporting.bookmark;
    if (!this.#reporting) {
      const bookmark = this.#report().finally(() => {
        this.#reporting = null;
      });
      this.#reporting = { seq, bookmark };
    }
    return this.#reporting.bookmark;
  }

  /** Does all due work; never rejects. The caller then sets the next alarm. */
  async run(): Promise<void> {
    const { db, clock, log, reconcile } = this.#deps;
    try {
      await releaseDueHolds(db, clock);
      if (this.#mustReconcile) {
        this.#mustReconcile = false;
        await reconcile();
      }
      await this.#sendAndReport();
    } catch (error) {
      log.error({ error: String(error) }, 'the work of an alarm failed');
      this.#restsUntil = clock.now() + ALARM_RETRY_MS;
    }
  }

  async #report(): Promise<string | null> {
    const { db, shardId, catalogue, clock, log } = this.#deps;
    const seq = db.lastSeq();
    const drop = db.snapshot.drops()[0];
    if (this.eventsBehind === 0 && !this.#isIndexBehind) return this.#bookmark;
    try {
      const view = new Catalogue(catalogue);
      if (drop) await this.#customers.report(catalogue);
      // The object for payments without an order has no drop, so the catalogue needs no report.
      if (drop) await view.report(shardId, drop, seq);
      await this.#advance(seq);
      this.#catalogueFailures = 0;
      this.#bookmark = view.bookmark();
      return this.#bookmark;
    } catch (error) {
      this.#catalogueFailures += 1;
      this.#catalogueRetryAt =
        clock.now() +
        doubledMs(this.#catalogueFailures - 1, CATALOGUE_BACKOFF_FIRST_MS, CATALOGUE_BACKOFF_MAX_MS);
      log.warn(
        { shardId, events: this.eventsBehind, error: error instanceof Error ? error.name : 'unknown' },
        'the report to the catalogue failed',
      );
      return null;
    }
  }

  /** Moves the catalogue's position in the log. */
  async #advance(lastSeq: number): Promise<void> {
    const outcome = await this.#deps.db.submit({ kind: 'advanceSubscriber', name: catalogueName, lastSeq });
    if (outcome.kind === 'advanced') this.#reportedSeq = outcome.lastSeq;
  }

  async #sendAndReport(): Promise<void> {
    const { clock } = this.#deps;
    const [begunAt, beganMs] = [clock.now(), clock.monotonicMs()];
    let reporting = this.#reportIfDue();
    let reportedMs = beganMs;
    const refunds = sendRefunds(this.#deps);
    const deliveries = await Promise.all(this.#subscribers.map((each) => each.deliverEvents(this.#deps)));
    const isQuiet = (): boolean => refunds.isQuiet() && deliveries.every((each) => each.isQuiet());
    do {
      await new Promise<void>((resolve) => clock.after(POLL_MS, resolve));
      // Deliveries last as long as their recipients take, and a continuous sale adds more, so
      // report in between.
      if (clock.monotonicMs() < reportedMs + CATALOGUE_DELAY_MS) continue;
      reporting = this.#reportIfDue();
      reportedMs = clock.monotonicMs();
    } while (!isQuiet() && clock.monotonicMs() < beganMs + ALARM_WORK_MAX_MS);
    await Promise.all([
      refunds.stop(),
      ...this.#subscribers.map((each, at) => deliveries[at] && each.stop(deliveries[at], begunAt, clock.now)),
    ]);
    await reporting;
  }

  async #reportIfDue(): Promise<void> {
    if (this.#catalogueRetryAt <= this.#deps.clock.now()) await this.reportToCatalogue();
  }
}
