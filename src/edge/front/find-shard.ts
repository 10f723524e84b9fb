/** Finds the place of a drop that a client names, within what its address may look up. */

import type { WaitUntil } from '../shared-reads.ts';
import type { KnownDrops } from './known-drops.ts';
import type { FrontLimits } from './limits.ts';
import type { FrontContext } from './operator-routes.ts';

export interface PlaceSources {
  known: KnownDrops;
  /** Null where nothing is limited. */
  limits: FrontLimits | null;
  /** Reads the public list, which all requests share, so that its slugs are known. */
  readList(c: FrontContext): Promise<unknown>;
  waitUntilOf(c: FrontContext): WaitUntil;
}

/** The shard, or null where there is none. A Response is the refusal of a client that asks for too many unknown drops. */
export type FindShardId = (
  c: FrontContext,
  idOrSlug: string,
  acceptsKeptAbsence?: boolean,
) => Promise<number | Response | null>;

export function createFindShardId({ known, limits, readList, waitUntilOf }: PlaceSources): FindShardId {
  return async (c, idOrSlug, acceptsKeptAbsence = true) => {
    const isUnknown = (): boolean => known.needsLookup(idOrSlug, acceptsKeptAbsence);
    const refused = isUnknown() ? await limits?.takeLookup(c) : null;
    if (refused) {
      // A drop in the list is never refused. Clients cannot make this cost more than the list does.
      await readList(c).catch(() => undefined);
      if (isUnknown()) return refused;
    }
    return known.shardIdOf(idOrSlug, waitUntilOf(c), acceptsKeptAbsence);
  };
}
