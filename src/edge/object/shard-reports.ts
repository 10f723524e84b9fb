/**
 * Reports a shard's changes to the relays that have listeners: batched, rate-limited, and only on
 * change.
 */

import { STOCK_INTERVAL_MS } from '../../limits.ts';
import type { Log } from '../../log.ts';
import type { Clock } from '../../split/clock.ts';
import type { ShardState } from '../published.ts';
import {
  RELAY_REPORTS_PER_SECOND,
  RELAY_RETRY_MS,
  REPORT_ATTEMPTS_MAX,
  SHARD_REPORTS_PER_SECOND,
} from '../relay/limits.ts';

/** Stored, because the shard may be evicted while a relay has listeners. */
export interface KeptRelays {
  list(): Iterable<string>;
  put(relay: string): void;
  delete(relay: string): void;
}

export interface ShardReportsDeps {
  relays: KeptRelays;
  shardId: number;
  shards: number;
  /** Null before the drop is created. */
  state: () => ShardState | null;
  /** Sends a state to a relay; resolves with whether the relay still has listeners. */
  send: (relay: string, shardId: number, state: ShardState) => Promise<boolean>;
  clock: Clock;
  log: Log;
}

export class ShardReports {
  readonly #deps: ShardReportsDeps;
  /** The relays with listeners, and how often each has requested reports. */
  readonly #relays: Map<string, number>;
  #isDue = false;
  #isSending = false;

  constructor(deps: ShardReportsDeps) {
    this.#deps = deps;
    this.#relays = new Map([...deps.relays.list()].map((relay) => [relay, 0]));
  }

  /** Reports to this relay from now on, until it answers that it has no listeners. */
  add(relay: string): void {
    const asked = this.#relays.get(relay);
    if (asked === undefined) this.#deps.relays.put(relay);
    this.#relays.set(relay, (asked ?? 0) + 1);
  }

  /** Reports a change at once; changes until the next report are sent with that one. */
  note(): void {
    this.#isDue = true;
    if (!this.#isSending && this.#relays.size > 0) void this.#run();
  }

  /**
   * Milliseconds between two reports, which bound the load of this shard and of a relay with many
   * shards.
   */
  get #intervalMs(): number {
    const ofShard = (this.#relays.size * 1_000) / SHARD_REPORTS_PER_SECOND;
    const ofRelay = (this.#deps.shards * 1_000) / RELAY_REPORTS_PER_SECOND;
    return Math.max(STOCK_INTERVAL_MS, ofShard, ofRelay);
  }

  async #run(): Promise<void> {
    this.#isSending = true;
    for (let failures = 0; this.#isDue && failures < REPORT_ATTEMPTS_MAX; ) {
      this.#isDue = false;
      const state = this.#deps.state();
      const sent = state
        ? await Promise.all([...this.#relays.keys()].map((relay) => this.#report(relay, state)))
        : [];
      const hasFailed = sent.includes(false);
      failures = hasFailed ? failures + 1 : 0;
      this.#isDue ||= hasFailed;
      const waitMs = Math.max(this.#intervalMs, failures * RELAY_RETRY_MS);
      await new Promise<void>((resolve) => this.#deps.clock.after(waitMs, resolve));
    }
    this.#isSending = false;
  }

  /** Sends one report; false where the relay was unreachable. */
  async #report(relay: string, state: ShardState): Promise<boolean> {
    const { shardId, send, relays, log } = this.#deps;
    const asked = this.#relays.get(relay);
    try {
      const hasListeners = await send(relay, shardId, state);
      // The relay may have requested reports again while its answer was on the way.
      if (!hasListeners && this.#relays.get(relay) === asked) {
        this.#relays.delete(relay);
        relays.delete(relay);
      }
      return true;
    } catch (error) {
      log.warn({ relay, error: String(error) }, 'a report to a relay failed');
      return false;
    }
  }
}
