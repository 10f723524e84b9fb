/** Reports the changes of a lane to the relays that have listeners: gathered, bounded, and never while nothing changes. */

import { STOCK_INTERVAL_MS } from '../../limits.ts';
import type { Log } from '../../log.ts';
import type { Clock } from '../../split/clock.ts';
import type { LaneState } from '../published.ts';
import {
  LANE_REPORTS_PER_SECOND,
  RELAY_REPORTS_PER_SECOND,
  RELAY_RETRY_MS,
  REPORT_ATTEMPTS_MAX,
} from '../relay/limits.ts';

/** Outlives the object: a lane may sleep for as long as a relay has listeners. */
export interface KeptRelays {
  list(): Iterable<string>;
  put(relay: string): void;
  delete(relay: string): void;
}

export interface LaneReportsDeps {
  relays: KeptRelays;
  place: number;
  lanes: number;
  /** Null before the drop is made. */
  state: () => LaneState | null;
  /** Sends a state to a relay; resolves with whether the relay still has listeners. */
  send: (relay: string, place: number, state: LaneState) => Promise<boolean>;
  clock: Clock;
  log: Log;
}

export class LaneReports {
  readonly #deps: LaneReportsDeps;
  /** The relays with listeners; each with how often it has asked for reports. */
  readonly #relays: Map<string, number>;
  #isDue = false;
  #isSending = false;

  constructor(deps: LaneReportsDeps) {
    this.#deps = deps;
    this.#relays = new Map([...deps.relays.list()].map((relay) => [relay, 0]));
  }

  /** Reports to this relay from now on, until it says that it has no listeners any more. */
  add(relay: string): void {
    const asked = this.#relays.get(relay);
    if (asked === undefined) this.#deps.relays.put(relay);
    this.#relays.set(relay, (asked ?? 0) + 1);
  }

  /** Something has changed: the first report leaves at once, and what changes until the next one goes with that. */
  note(): void {
    this.#isDue = true;
    if (!this.#isSending && this.#relays.size > 0) void this.#run();
  }

  /** Milliseconds between two reports, so that neither this lane nor a relay of many lanes has too many. */
  get #intervalMs(): number {
    const ofLane = (this.#relays.size * 1_000) / LANE_REPORTS_PER_SECOND;
    const ofRelay = (this.#deps.lanes * 1_000) / RELAY_REPORTS_PER_SECOND;
    return Math.max(STOCK_INTERVAL_MS, ofLane, ofRelay);
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

  /** False where the relay could not be reached. */
  async #report(relay: string, state: LaneState): Promise<boolean> {
    const { place, send, relays, log } = this.#deps;
    const asked = this.#relays.get(relay);
    try {
      const hasListeners = await send(relay, place, state);
      // It may have asked for reports again while its answer was on the way.
      if (!hasListeners && this.#relays.get(relay) === asked) {
        this.#relays.delete(relay);
        relays.delete(relay);
      }
      return true;
    } catch (error) {
      log.warn({ relay, error: String(error) }, 'a relay did not take a report');
      return false;
    }
  }
}
