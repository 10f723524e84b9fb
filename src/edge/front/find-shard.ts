/** Finds the shard of a drop that a client names, within the client's quota of lookups. */

import type { WaitUntil } from '../shared-reads.ts';
import type { KnownDrops } from './known-drops.ts';
import type { FrontLimits } from './limits.ts';
import type { FrontContext } from './operator-routes.ts';

export interface ShardSources {
  known: KnownDrops;
  /** Null without rate limits. */
  limits: FrontLimits | null;
  /** Reads the shared public list, so that its slugs are known. */
  readList(c: FrontContext): Promise<unknown>;
  waitUntilOf(c: FrontContext): WaitUntil;
}

/**
 * Returns the shard id, or null where there is none. A Response refuses a client that looks up too
 * many unknown drops.
 */
export type FindShardId = (
  c: FrontContext,
  idOrSlug: string,
  acceptsKeptAbsence?: boolean,
) => Promise<number | Response | null>;

export function createFindShardId({ known, limits, readList, waitUntilOf }: ShardSources): FindShardId {
  return async (c, idOrSlug, acceptsKeptAbsence = true) => {
    const isUnknown = (): boolean => known.needsLookup(idOrSlug, acceptsKeptAbsence);
    const refused = isUnknown() ? await limits?.limitLookups(c) : null;
    if (refused) {
      // A listed drop is never refused. Clients can't make this cost more than the list does.
      await readList(c).catch(() => undefined);
      if (isUnknown()) return refused;
    }
    return known.shardIdOf(idOrSlug, waitUntilOf(c), acceptsKeptAbsence);
  };
}
