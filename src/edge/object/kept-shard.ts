/** Stores which shard an object is, so that it wakes as the same one. */

/** The names in stored objects. Never rename them: an object without a shard id starts as new. */
const shardIdKey = 'place';
const shardsKey = 'lanes';

export interface KeptShard {
  shardId: number;
  /** Number of shards of the drop. */
  shards: number;
}

/** The part of an object's storage that is used here. */
export interface KeptValues {
  get<T>(key: string): T | undefined;
  put<T>(key: string, value: T): void;
}

/** Null for a new object. Drops that an earlier version imported store no number: it is 1. */
export function keptShard(kv: KeptValues): KeptShard | null {
  const shardId = kv.get<number>(shardIdKey);
  return shardId === undefined ? null : { shardId, shards: kv.get<number>(shardsKey) ?? 1 };
}

export function keepShard(kv: KeptValues, { shardId, shards }: KeptShard): void {
  kv.put(shardIdKey, shardId);
  kv.put(shardsKey, shards);
}
