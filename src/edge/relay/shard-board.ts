/** What a relay knows of a drop: each lane as it was last read or last reported itself, and the stock of all of them. */

import { type Presentation, Snapshot } from '../../database/snapshot.ts';
import { placeOf } from '../../domain/shard.ts';
import type { StockSource } from '../../http/live-stock.ts';
import { PUBLISHED_AGE_MS } from '../../limits.ts';
import type { Clock } from '../../split/clock.ts';
import { joinLanes } from '../catalogue.ts';
import type { KeyPosition } from '../key-filter.ts';
import { earliest } from '../object/database.ts';
import type { LaneState, Published } from '../published.ts';
import { RELAY_WAIT_MS } from './limits.ts';
import type { Board } from './published-drops.ts';
import { LaneReader } from './shard-reader.ts';

export interface LaneBoardDeps {
  dropId: number;
  /** Reads a lane; null where it has no drop. Rejects where it can't be reached. */
  read: (place: number, keys: KeyPosition | null) => Promise<Published | null>;
  /** The lanes as the catalogue knows them, in their order. */
  readCatalogue: (lanes: number) => Promise<(LaneState | undefined)[]>;
  clock: Clock;
  presentation: Presentation;
}

export class LaneBoard implements StockSource {
  readonly snapshot: Snapshot;
  readonly #deps: LaneBoardDeps;
  /** The newest state of each lane. */
  readonly #states: (LaneState | undefined)[] = [];
  readonly #readers: LaneReader[] = [];

  constructor(deps: LaneBoardDeps) {
    this.#deps = deps;
    this.snapshot = new Snapshot(deps.presentation);
  }

  nextHoldExpiresAt(): number | null {
    return earliest(...this.#states.map((state) => state?.nextHoldExpiresAt));
  }

  /** Grows with every event of any lane. */
  lastSeq(): number {
    return this.#states.reduce((sum, state) => sum + (state?.seq ?? 0), 0);
  }

  /** 0 where no lane is known. */
  get lanes(): number {
    return this.#states.find((state) => state)?.lanes ?? 0;
  }

  get isWhole(): boolean {
    const { lanes } = this;
    return lanes > 0 && Array.from({ length: lanes }, (_, lane) => this.#states[lane]).every(Boolean);
  }

  /** Takes in a lane's state, where it is newer than the known one. */
  note(lane: number, state: LaneState): void {
    const known = this.#states[lane];
    if (known && known.seq >= state.seq) return;
    this.#states[lane] = state;
    if (!this.isWhole) return;
    const [first, ...others] = this.#states.flatMap((each) => (each ? [each.drop] : []));
    if (first) this.snapshot.apply({ kind: 'catalogue', drops: [joinLanes(first, others)] });
  }

  /** Reads lanes whose state is older than half of PUBLISHED_AGE_MS, and those that `mustRead` names. Rejects if a lane's state is unknown. */
  async refresh(mustRead: (place: number) => boolean): Promise<void> {
    await this.#refreshLane(0, mustRead);
    const others = Array.from({ length: Math.max(0, this.lanes - 1) }, (_, index) => index + 1);
    await Promise.all(others.map((lane) => this.#refreshLane(lane, mustRead)));
    const isAbsent = this.lanes === 0 && !this.#readers[0]?.hasFailed;
    if (!this.isWhole && !isAbsent) await this.fill();
  }

  /** Learns from the catalogue what no lane has said. Rejects where the catalogue doesn't say it either. */
  async fill(): Promise<void> {
    const known = await this.#deps.readCatalogue(this.lanes);
    for (const [lane, state] of known.entries()) if (state) this.note(lane, state);
    if (!this.isWhole) throw new Error('A lane can’t be reached, and the catalogue does not know it.');
  }

  /**
   * How the drop stands after `refresh`; null where there is no drop. A lane that can't be reached counts with what was last
   * known of it, and then nothing may be refused. `known` is what the reader has of each lane’s filter of keys.
   */
  board(known: readonly (KeyPosition | null)[]): Board | null {
    const { lanes } = this;
    const [whole] = this.snapshot.drops();
    if (!whole) return null;
    const read = this.#readers.flatMap(({ last }) => (last ? [last] : []));
    const askedMs = Math.min(...read.map((reading) => reading.askedMs));
    const leaseMs = askedMs + PUBLISHED_AGE_MS - this.#deps.clock.monotonicMs();
    const [first, ...others] = read.map(({ published }) => published);
    if (!first || read.length < lanes || leaseMs <= 0) {
      return { drop: whole, lanes, keys: Array(lanes).fill(null), leaseMs: PUBLISHED_AGE_MS / 2 };
    }
    // Reports don't count here: a lane keeps its word for what was read from it, and knows of no other.
    const drop = joinLanes(
      first.drop,
      others.map((lane) => lane.drop),
    );
    const keys = read.map((reading, lane) => reading.keys?.newsFor(known[lane] ?? null) ?? null);
    return { drop, lanes, keys, leaseMs };
  }

  async #refreshLane(lane: number, mustRead: (place: number) => boolean): Promise<void> {
    const { clock, dropId, read } = this.#deps;
    const place = placeOf(dropId, lane);
    const reader = this.#readers[lane] ?? new LaneReader((keys) => read(place, keys), clock);
    this.#readers[lane] = reader;
    const refreshed = reader.refresh(mustRead(place)).then(() => {
      if (reader.last) this.note(lane, reader.last.published);
    });
    if (!this.#states[lane]) return refreshed;
    if (reader.hasFailed) return;
    // What is known of a slow lane is better than no answer.
    const isLate = new Promise<void>((resolve) => clock.after(RELAY_WAIT_MS, resolve));
    return Promise.race([refreshed, isLate]);
  }
}
