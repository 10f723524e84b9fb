/**
 * A relay's view of a drop: the last read or reported state of each shard, and their total stock.
 */

import { type Presentation, Snapshot } from '../../database/snapshot.ts';
import { shardIdOf } from '../../domain/shard.ts';
import type { StockSource } from '../../http/live-stock.ts';
import { PUBLISHED_AGE_MS } from '../../limits.ts';
import type { Clock } from '../../split/clock.ts';
import { joinShards } from '../catalogue.ts';
import type { KeyPosition } from '../key-filter.ts';
import { earliest } from '../object/database.ts';
import type { Published, ShardState } from '../published.ts';
import { RELAY_WAIT_MS } from './limits.ts';
import type { LeasedDrop } from './published-drops.ts';
import { ShardReader } from './shard-reader.ts';

export interface ShardStatesDeps {
  dropId: number;
  /** Reads a shard; null where it has no drop. Rejects where it is unreachable. */
  read: (shardId: number, keys: KeyPosition | null) => Promise<Published | null>;
  /** Reads the shards from the catalogue, in order. */
  readCatalogue: (shards: number) => Promise<(ShardState | undefined)[]>;
  clock: Clock;
  presentation: Presentation;
}

export class ShardStates implements StockSource {
  readonly snapshot: Snapshot;
  readonly #deps: ShardStatesDeps;
  /** The newest state of each shard. */
  readonly #states: (ShardState | undefined)[] = [];
  readonly #readers: ShardReader[] = [];

  constructor(deps: ShardStatesDeps) {
    this.#deps = deps;
    this.snapshot = new Snapshot(deps.presentation);
  }

  nextHoldExpiresAt(): number | null {
    return earliest(...this.#states.map((state) => state?.nextHoldExpiresAt));
  }

  /** Increases with every event of any shard. */
  lastSeq(): number {
    return this.#states.reduce((sum, state) => sum + (state?.seq ?? 0), 0);
  }

  /** Number of shards; 0 while no shard is known. */
  get shards(): number {
    return this.#states.find((state) => state)?.shards ?? 0;
  }

  get isWhole(): boolean {
    const { shards } = this;
    return shards > 0 && Array.from({ length: shards }, (_, shard) => this.#states[shard]).every(Boolean);
  }

  /** Applies a shard's state if it is newer than the known one. */
  note(shard: number, state: ShardState): void {
    const known = this.#states[shard];
    if (known && known.seq >= state.seq) return;
    this.#states[shard] = state;
    if (!this.isWhole) return;
    const [first, ...others] = this.#states.flatMap((each) => (each ? [each.drop] : []));
    if (first) this.snapshot.apply({ kind: 'catalogue', drops: [joinShards(first, others)] });
  }

  /**
   * Reads shards whose state is older than half of PUBLISHED_AGE_MS, and those that `mustRead`
   * selects. Rejects if a shard's state is unknown.
   */
  async refresh(mustRead: (shardId: number) => boolean): Promise<void> {
    await this.#refreshShard(0, mustRead);
    const others = Array.from({ length: Math.max(0, this.shards - 1) }, (_, index) => index + 1);
    await Promise.all(others.map((shard) => this.#refreshShard(shard, mustRead)));
    const isAbsent = this.shards === 0 && !this.#readers[0]?.hasFailed;
    if (!this.isWhole && !isAbsent) await this.fill();
  }

  /** Fills unknown shards from the catalogue. Rejects if the catalogue lacks them too. */
  async fill(): Promise<void> {
    const known = await this.#deps.readCatalogue(this.shards);
    for (const [shard, state] of known.entries()) if (state) this.note(shard, state);
    if (!this.isWhole) throw new Error('A shard can’t be reached, and the catalogue does not know it.');
  }

  /**
   * Returns the drop after `refresh`; null where there is none. An unreachable shard counts with
   * its last known state, and then Workers may refuse nothing. `known` is the reader's version of
   * each shard's key filter.
   */
  lease(known: readonly (KeyPosition | null)[]): LeasedDrop | null {
    const { shards } = this;
    const [whole] = this.snapshot.drops();
    if (!whole) return null;
    const read = this.#readers.flatMap(({ last }) => (last ? [last] : []));
    const askedMs = Math.min(...read.map((reading) => reading.askedMs));
    const leaseMs = askedMs + PUBLISHED_AGE_MS - this.#deps.clock.monotonicMs();
    const [first, ...others] = read.map(({ published }) => published);
    if (!first || read.length < shards || leaseMs <= 0) {
      return { drop: whole, shards, keys: Array(shards).fill(null), leaseMs: PUBLISHED_AGE_MS / 2 };
    }
    // Reports don't count here: a shard honors the lease of a read only.
    const drop = joinShards(
      first.drop,
      others.map((shard) => shard.drop),
    );
    const keys = read.map((reading, shard) => reading.keys?.updateFor(known[shard] ?? null) ?? null);
    return { drop, shards, keys, leaseMs };
  }

  async #refreshShard(shard: number, mustRead: (shardId: number) => boolean): Promise<void> {
    const { clock, dropId, read } = this.#deps;
    const shardId = shardIdOf(dropId, shard);
    const reader = this.#readers[shard] ?? new ShardReader((keys) => read(shardId, keys), clock);
    this.#readers[shard] = reader;
    const refreshed = reader.refresh(mustRead(shardId)).then(() => {
      if (reader.last) this.note(shard, reader.last.published);
    });
    if (!this.#states[shard]) return refreshed;
    if (reader.hasFailed) return;
    // The known state of a slow shard is better than no answer.
    const isLate = new Promise<void>((resolve) => clock.after(RELAY_WAIT_MS, resolve));
    return Promise.race([refreshed, isLate]);
  }
}
