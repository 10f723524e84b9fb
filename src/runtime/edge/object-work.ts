/** What an object does beside requests, from its alarm: free what is over, send money back, tell catalogue and followers. */
import { checkoutCloser } from '../../background/close-checkouts.ts';
import { type Following, follow } from '../../background/follow.ts';
import type { Follower } from '../../background/follower.ts';
import { type RefundSenderDeps, sendRefunds } from '../../background/refund-sender.ts';
import { releaseDueHolds } from '../../background/release-due.ts';
import { webhookFollower } from '../../background/webhooks.ts';
import type { Config } from '../../config.ts';
import { Catalogue } from '../../database/edge/catalogue.ts';
import type { ObjectStore } from '../../database/edge/object-store.ts';
import { FOLLOW_BACKOFF_MAX_MS } from '../../delivery-limits.ts';
import type { Reconciliation } from '../../domain/reconciliation.ts';
import {
  ALARM_RETRY_MS,
  ALARM_WORK_MAX_MS,
  CATALOGUE_BACKOFF_FIRST_MS,
  CATALOGUE_BACKOFF_MAX_MS,
  CATALOGUE_DELAY_MS,
} from '../../limits.ts';
import { CustomerOutbox } from './customer-outbox.ts';

export interface ObjectWorkDeps extends RefundSenderDeps {
  store: ObjectStore;
  place: number;
  config: Config;
  catalogue: D1Database;
  storage: DurableObjectStorage;
  reconcile: () => Promise<Reconciliation>;
  /** Queues letters; null if the Worker sends no mail. */
  mail: Follower | null;
}

/** The catalogue's own place in the log. */
const catalogueName = 'catalogue';
const LOOK_MS = 20;

/** Time before the attempt after `failures` failed ones. */
const backoffMs = (failures: number, firstMs: number, maxMs: number): number =>
  failures === 0 ? 0 : Math.min(maxMs, firstMs * 2 ** (failures - 1));

export class ObjectWork {
  readonly #deps: ObjectWorkDeps;
  readonly #customers: CustomerOutbox;
  readonly #followers: readonly Follower[];
  /** How far each follower has told, the catalogue among them. */
  readonly #told = new Map<string, number>();
  #catalogueFailures = 0;
  #followFailures = 0;
  /** Epoch milliseconds before which a failed telling is not tried again. */
  #retryAt = 0;
  #telling: Promise<string | null> | null = null;
  /** What came in while the object slept, or before it began anew, is asked about once. */
  #mustReconcile = false;

  constructor(deps: ObjectWorkDeps) {
    const { config, store, storage, place } = deps;
    this.#customers = new CustomerOutbox(storage, place);
    const noted: ObjectStore = {
      ...store,
      submit: async (command) => {
        const outcome = await store.submit(command);
        if (command.kind === 'advanceFollower' && outcome.kind === 'advanced') {
          this.#told.set(command.name, outcome.lastSeq);
        }
        return outcome;
      },
    };
    this.#deps = { ...deps, store: noted };
    const { webhooks, paymentProviders } = config;
    this.#followers = webhooks.urls.map((url) =>
      webhookFollower({ url, secret: webhooks.secret }, this.#deps),
    );
    // The sandbox keeps no checkouts, and where it is, nobody else is.
    if (!paymentProviders.includes('sandbox')) {
      this.#followers = [...this.#followers, checkoutCloser(this.#deps)];
    }
    if (deps.mail) this.#followers = [...this.#followers, deps.mail];
  }

  /** Takes the followers' places in the log; a new one begins at its end. */
  async begin(): Promise<void> {
    const { store } = this.#deps;
    await store.submit({ kind: 'advanceFollower', name: catalogueName, lastSeq: 0 });
    for (const { name } of this.#followers) {
      await store.submit({ kind: 'advanceFollower', name, lastSeq: null });
    }
    this.#mustReconcile = store.reads.openCheckouts(0, 1).length > 0;
  }

  /** When telling must go on, given the number of the last event; null where all is told. */
  nextAt(now: number, headSeq: number): number | null {
    if (this.#mustReconcile) return now;
    const isBehind = this.#isIndexBehind || [...this.#told.values()].some((seq) => seq < headSeq);
    return isBehind ? Math.max(now + CATALOGUE_DELAY_MS, this.#retryAt) : null;
  }

  /** Events that the catalogue does not know of yet. */
  get eventsBehind(): number {
    return this.#deps.store.lastSeq() - (this.#told.get(catalogueName) ?? 0);
  }

  /** Whether the catalogue does not know every customer here yet, as after an update from a version without that index. */
  get #isIndexBehind(): boolean {
    const { store } = this.#deps;
    // Money that belongs to no order has an object without a drop: it has no customers.
    return store.snapshot.drops().length > 0 && this.#customers.isBehind;
  }

  /** Writes the drop's entry where the catalogue is behind; resolves with D1's bookmark, or null where it refused. */
  tellCatalogue(): Promise<string | null> {
    this.#telling ??= this.#tell().finally(() => {
      this.#telling = null;
    });
    return this.#telling;
  }

  /** Does what is due; never rejects. Afterwards the next alarm must be set anew. */
  async run(): Promise<void> {
    const { store, clock, log, reconcile } = this.#deps;
    try {
      await releaseDueHolds(store, clock);
      if (this.#mustReconcile) {
        this.#mustReconcile = false;
        await reconcile();
      }
      await Promise.all([this.tellCatalogue(), this.#sendAndTell()]);
    } catch (error) {
      log.error({ error: String(error) }, 'the work of an alarm failed');
      this.#retryAt = clock.now() + ALARM_RETRY_MS;
    }
    if (store.lastSeq() > Math.min(...this.#told.values()) && this.#retryAt < clock.now()) {
      this.#retryAt = clock.now() + CATALOGUE_DELAY_MS;
    }
  }

  async #tell(): Promise<string | null> {
    const { store, place, catalogue, clock, log } = this.#deps;
    const seq = store.lastSeq();
    const drop = store.snapshot.drops()[0];
    if (this.eventsBehind === 0 && !this.#isIndexBehind) return null;
    try {
      const view = new Catalogue(catalogue);
      if (drop) await this.#customers.tell(catalogue);
      // Money that belongs to no order has an object without a drop: the catalogue has nothing to hear of it.
      if (drop) await view.tell(place, drop, seq);
      await store.submit({ kind: 'advanceFollower', name: catalogueName, lastSeq: seq });
      this.#catalogueFailures = 0;
      return view.bookmark();
    } catch (error) {
      this.#catalogueFailures += 1;
      const waitMs = backoffMs(this.#catalogueFailures, CATALOGUE_BACKOFF_FIRST_MS, CATALOGUE_BACKOFF_MAX_MS);
      this.#retryAt = clock.now() + waitMs;
      log.warn(
        { place, events: this.eventsBehind, error: error instanceof Error ? error.name : 'unknown' },
        'the catalogue could not be told',
      );
      return null;
    }
  }

  async #sendAndTell(): Promise<void> {
    const { clock } = this.#deps;
    const endMs = clock.monotonicMs() + ALARM_WORK_MAX_MS;
    const refunds = sendRefunds(this.#deps);
    const followings: Following[] = await Promise.all(
      this.#followers.map((follower) => follow(follower, this.#deps)),
    );
    const isQuiet = (): boolean => refunds.isQuiet() && followings.every((each) => each.isQuiet());
    do await new Promise<void>((resolve) => clock.after(LOOK_MS, resolve));
    while (!isQuiet() && clock.monotonicMs() < endMs);
    await Promise.all([refunds.stop(), ...followings.map((each) => each.stop())]);
    this.#followFailures = followings.every((each) => each.hasTold()) ? 0 : this.#followFailures + 1;
    const waitMs = backoffMs(this.#followFailures, ALARM_RETRY_MS, FOLLOW_BACKOFF_MAX_MS);
    this.#retryAt = Math.max(this.#retryAt, clock.now() + waitMs);
  }
}
