/**
 * Shard ids: the number of a writer, which its ids contain. 0 is a machine with all its drops; at
 * the edge, each drop or shard of a drop has its own writer.
 */

/** Drop keys at the edge are below this; in a shard id, multiples of it give the shard. */
export const DROPS_MAX = 2 ** 20;
/** Most shards that a drop may be split into. */
export const SHARDS_MAX = 64;

/** Shard ids at the edge are below this. */
export const SHARD_IDS_MAX = SHARDS_MAX * DROPS_MAX;

/** The shard id of a machine. */
export const MACHINE = 0;
/** At the edge: the shard id for payments that belong to no order, and of their refunds. */
export const UNCLAIMED = DROPS_MAX - 1;

/** Jurisdictions in which the platform can keep and run an object. */
export const jurisdictions = ['eu'] as const;
export type Jurisdiction = (typeof jurisdictions)[number];
/** Hints where the platform should create an object, by the platform's names. */
export const locationHints = ['wnam', 'enam', 'sam', 'weur', 'eeur', 'apac', 'oc', 'afr', 'me'] as const;
export type LocationHint = (typeof locationHints)[number];
/** Where the objects of a drop are; null leaves it to the platform. */
export interface Location {
  jurisdiction: Jurisdiction | null;
  hint: LocationHint | null;
}
/** The hints that do not contradict a jurisdiction. */
export const hintsWithin: Record<Jurisdiction, readonly LocationHint[]> = { eu: ['weur', 'eeur'] };

/**
 * Ranges of the keys of new drops at the edge. Machines number from 1, and their drops move to the
 * edge with their keys. Each jurisdiction has its own range, so that every id, order code and move
 * leads to the right object without a look-up.
 */
export const dropKeys: Record<Jurisdiction | 'anywhere', { first: number; end: number }> = {
  anywhere: { first: 2 ** 16, end: 2 ** 19 },
  eu: { first: 2 ** 19, end: 2 ** 19 + 2 ** 18 },
};
/** Keys from here on are unassigned; the highest one is UNCLAIMED's. */
export const DROP_KEYS_END = dropKeys.eu.end;

/** The shard id of a drop's writer, or of one of its shards. */
export const shardIdOf = (dropId: number, shard = 0): number => shard * DROPS_MAX + dropId;
export const dropOf = (shardId: number): number => shardId % DROPS_MAX;
export const shardOf = (shardId: number): number => Math.floor(shardId / DROPS_MAX);

/** The jurisdiction of a shard; null: anywhere. */
export const jurisdictionOf = (shardId: number): Jurisdiction | null =>
  jurisdictions.find((one) => {
    const key = dropOf(shardId);
    return key >= dropKeys[one].first && key < dropKeys[one].end;
  }) ?? null;

/** The shard of a customer, always the same, so that limits hold. `customer` is a keyed hash. */
export function shardOfCustomer(customer: string, shards: number): number {
  let sum = 0;
  for (const character of customer) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 0x1_0000_0000;
  return sum % shards;
}
