/** Where a drop is sold: 0 is the one machine with all its drops; at the edge each writer has a number that its ids carry. */

/** Drop keys at the edge lie below this; above it a place's number tells the shard. */
export const DROPS_MAX = 2 ** 20;
/** Shards that a drop may be split over. */
export const SHARDS_MAX = 64;

/** Every place at the edge lies below this. */
export const SHARD_IDS_MAX = SHARDS_MAX * DROPS_MAX;

/** The machine's own place. */
export const MACHINE = 0;
/** At the edge: where money is kept, and sent back from, that came for no order of ours. */
export const UNCLAIMED = DROPS_MAX - 1;

/** Where the platform can be bound to keep and run an object. */
export const jurisdictions = ['eu'] as const;
export type Jurisdiction = (typeof jurisdictions)[number];
/** Where the platform can be asked to create an object; the names are its own. */
export const locationHints = ['wnam', 'enam', 'sam', 'weur', 'eeur', 'apac', 'oc', 'afr', 'me'] as const;
export type LocationHint = (typeof locationHints)[number];
/** Where the objects of a drop are; null: left to the platform. */
export interface Location {
  jurisdiction: Jurisdiction | null;
  hint: LocationHint | null;
}
/** The hints that do not contradict a jurisdiction. */
export const hintsWithin: Record<Jurisdiction, readonly LocationHint[]> = { eu: ['weur', 'eeur'] };

/**
 * The keys of new drops at the edge, from the first one to before the end. Machines number from 1, and their drops move to the edge with
 * their keys. A jurisdiction has a range of its own: so every id, order code and move leads to the right object without a look-up.
 */
export const dropKeys: Record<Jurisdiction | 'anywhere', { first: number; end: number }> = {
  anywhere: { first: 2 ** 16, end: 2 ** 19 },
  eu: { first: 2 ** 19, end: 2 ** 19 + 2 ** 18 },
};
/** Keys from here on belong to no drop yet; the highest one is UNCLAIMED's. */
export const DROP_KEYS_END = dropKeys.eu.end;

/** The place of a drop's writer, or of one of its shards. */
export const shardIdOf = (dropId: number, shard = 0): number => shard * DROPS_MAX + dropId;
export const dropOf = (shardId: number): number => shardId % DROPS_MAX;
export const shardOf = (shardId: number): number => Math.floor(shardId / DROPS_MAX);

/** The jurisdiction of a place; null where it may be anywhere. */
export const jurisdictionOf = (shardId: number): Jurisdiction | null =>
  jurisdictions.find((one) => {
    const key = dropOf(shardId);
    return key >= dropKeys[one].first && key < dropKeys[one].end;
  }) ?? null;

/** The shard of a customer: always the same one, so that the limit of a customer holds. `customer` is a keyed hash in base64url. */
export function shardOfCustomer(customer: string, shards: number): number {
  let sum = 0;
  for (const character of customer) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 0x1_0000_0000;
  return sum % shards;
}
