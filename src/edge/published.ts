/** What the object of a shard says of itself. */
import type { Drop } from '../domain/drop.ts';
import type { KeyNews } from './key-filter.ts';

/** How a shard stands. */
export interface ShardState {
  drop: Drop;
  /** Over how many shards the drop is split. */
  shards: number;
  /** The number of the last event in it: of two states the one with the higher number is newer. */
  seq: number;
  nextHoldExpiresAt: number | null;
}

/** What Workers serve from, and refuse by, for PUBLISHED_AGE_MS from before they asked. */
export interface Published extends ShardState {
  /** Which keys may have an order; null where that is not said: then only the object can refuse a key. */
  keys: KeyNews | null;
}
