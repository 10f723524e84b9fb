/** What the object of a shard publishes. */
import type { Drop } from '../domain/drop.ts';
import type { KeyUpdate } from './key-filter.ts';

/** The state of a shard. */
export interface ShardState {
  drop: Drop;
  /** Number of shards of the drop. */
  shards: number;
  /** The number of its last event: of two states, the higher one is newer. */
  seq: number;
  nextHoldExpiresAt: number | null;
}

/** What Workers serve and refuse by, for PUBLISHED_AGE_MS from before their query. */
export interface Published extends ShardState {
  /**
   * The keys that may have an order; null where the object did not send them, so only it can refuse
   * a key.
   */
  keys: KeyUpdate | null;
}
