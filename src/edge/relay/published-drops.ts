/**
 * This Worker's cache of drops, read from their relays; no entry is older than PUBLISHED_AGE_MS.
 */

import type { Drop } from '../../domain/drop.ts';
import { dropOf, type Jurisdiction, jurisdictionOf } from '../../domain/shard.ts';
import { PUBLISHED_AGE_MS } from '../../limits.ts';
import type { Clock } from '../../split/clock.ts';
import { KeyFilter, type KeyPosition, type KeyUpdate } from '../key-filter.ts';
import type { WaitUntil } from '../shared-reads.ts';
import { KEY_FILTERS_BYTES_MAX } from './limits.ts';

const DROPS_KNOWN_MAX = 1_000;

/** A drop that Workers may show and refuse by, for `leaseMs` from before their query. */
export interface LeasedDrop {
  /** Its counts are the sums over all shards. */
  drop: Drop;
  shards: number;
  /**
   * For each shard, the keys that may have an order; null where only the shard can refuse a key.
   */
  keys: (KeyUpdate | null)[];
  leaseMs: number;
}

/** The part of `Objects` that is used here. */
interface Relays {
  jurisdictions(): Jurisdiction[];
  call(
    relay: string,
    work: (stub: {
      lease(unseen: readonly number[], keys: readonly (KeyPosition | null)[]): Promise<LeasedDrop | null>;
    }) => Promise<LeasedDrop | null>,
    isIdempotent: boolean,
  ): Promise<LeasedDrop | null>;
}

/** How one request queries a relay. */
export interface ReadContext {
  /** Returns the name of the relay for a drop. */
  relayOf(dropId: number): string;
  waitUntil: WaitUntil;
}

/** A drop that this Worker may show and refuse by. */
export interface PublishedDrop extends Pick<LeasedDrop, 'drop' | 'shards'> {
  /**
   * For each shard, the keys that may have an order; null where only the shard can refuse a key.
   */
  keys: readonly (KeyFilter | null)[];
}

interface Known {
  /** On the monotonic clock, from before the query: the shards' lease starts later. */
  askedMs: number;
  untilMs: number;
  found: PublishedDrop;
  isRenewed: boolean;
}

/** A query to a relay. */
interface Asking {
  turn: number;
  startedMs: number;
  /** Null while it is under way. */
  end: { found: PublishedDrop | null } | { error: unknown } | null;
}

/** How often a request checks for the result of the query that it waits for. */
const POLL_MS = 10;
/**
 * After this time, a query counts as lost: the platform cancels the work of a request whose client
 * has left.
 */
const LOST_MS = 2_000;

export class PublishedDrops {
  readonly #relays: Relays;
  readonly #clock: Clock;
  readonly #known = new Map<number, Known>();
  /**
   * Shards that this Worker has changed since it last read them, each with the number of the
   * change.
   */
  readonly #changed = new Map<number, Map<number, number>>();
  #changes = 0;
  readonly #askings = new Map<number, Asking>();
  /** Orders requests and queries within the same clock reading. */
  #turn = 0;
  /** The last filters per drop, one for each shard: a relay sends only what was added since. */
  readonly #filters = new Map<number, readonly (KeyFilter | null)[]>();

  constructor(relays: Relays, clock: Clock) {
    this.#relays = relays;
    this.#clock = clock;
  }

  /**
   * Returns a drop; null where there is none. Rejects if its relay is unreachable. Caches values,
   * not promises, because the platform lets no request wait for the work of another. In the last
   * quarter of the lease, one request renews the entry after its answer, so that a crowd never
   * finds it expired. Without an entry (after a change, or at the start), one request at a time
   * queries the relay, and the others poll for its result: an isolate sends no more queries than
   * that, however many visitors there are.
   */
  async get(dropId: number, context: ReadContext): Promise<PublishedDrop | null> {
    const jurisdiction = this.#known.has(dropId) ? null : jurisdictionOf(dropId);
    // An order code of other software at payOS can decode to such a drop. Without jurisdictions, as
    // on a developer's machine, no drop has one.
    if (jurisdiction !== null && !this.#relays.jurisdictions().includes(jurisdiction)) return null;
    this.#turn += 1;
    const turn = this.#turn;
    for (;;) {
      const nowMs = this.#clock.monotonicMs();
      const known = this.#known.get(dropId);
      const isDue = known && nowMs >= known.untilMs - PUBLISHED_AGE_MS / 4 && !known.isRenewed;
      if (known && isDue && nowMs < known.untilMs) {
        known.isRenewed = true;
        // After a failure, the next request queries again once this entry has expired.
        context.waitUntil(this.#readThrough(dropId, context).catch(() => undefined));
      }
      if (known && nowMs < known.untilMs) return known.found;
      const asking = this.#askings.get(dropId);
      if (!asking || nowMs > asking.startedMs + LOST_MS) {
        const answer = this.#readThrough(dropId, context);
        // Other requests wait for it, so it must end even if this client leaves.
        context.waitUntil(answer.catch(() => undefined));
        return answer;
      }
      await new Promise<void>((resolve) => this.#clock.after(POLL_MS, resolve));
      // A query from before this request may lack recent changes, or a new drop.
      if (!asking.end || asking.turn < turn) continue;
      if ('error' in asking.end) throw asking.end.error;
      return asking.end.found;
    }
  }

  /**
   * Drops the entry after a change through this Worker: the client's next read must see the change.
   */
  invalidate(shardId: number): void {
    const dropId = dropOf(shardId);
    if (this.#changed.size >= DROPS_KNOWN_MAX) this.#changed.clear();
    const shardIds = this.#changed.get(dropId) ?? new Map<number, number>();
    this.#changes += 1;
    this.#changed.set(dropId, shardIds.set(shardId, this.#changes));
    this.#known.delete(dropId);
  }

  async #readThrough(dropId: number, context: ReadContext): Promise<PublishedDrop | null> {
    this.#turn += 1;
    const asking: Asking = { turn: this.#turn, startedMs: this.#clock.monotonicMs(), end: null };
    this.#askings.set(dropId, asking);
    try {
      const found = await this.#ask(dropId, context);
      asking.end = { found };
      return found;
    } catch (error) {
      asking.end = { error };
      throw error;
    } finally {
      if (this.#askings.get(dropId) === asking) this.#askings.delete(dropId);
    }
  }

  async #ask(dropId: number, context: ReadContext): Promise<PublishedDrop | null> {
    const askedMs = this.#clock.monotonicMs();
    const unseen = [...(this.#changed.get(dropId) ?? [])];
    const shardIds = unseen.map(([shardId]) => shardId);
    const positions = (this.#filters.get(dropId) ?? []).map((filter) => filter?.position ?? null);
    const relay = context.relayOf(dropId);
    const lease = await this.#relays.call(relay, async (stub) => stub.lease(shardIds, positions), true);
    const filters = lease && this.#keep(dropId, lease);
    // An answer that arrives after its lease is shown, but refuses nothing.
    const isLate = lease && this.#clock.monotonicMs() >= askedMs + lease.leaseMs;
    const found = lease && filters && { ...lease, keys: isLate ? filters.map(() => null) : filters };
    const changed = this.#changed.get(dropId);
    for (const [shardId, change] of unseen) if (changed?.get(shardId) === change) changed.delete(shardId);
    if (changed?.size === 0) this.#changed.delete(dropId);
    if (this.#known.size >= DROPS_KNOWN_MAX) this.#known.clear();
    const newest = this.#known.get(dropId);
    // The answer may lack a concurrent change. And an absence is never cached: a drop created under
    // the key next would miss its first payments.
    if (found && !this.#changed.has(dropId) && (!newest || newest.askedMs <= askedMs))
      this.#known.set(dropId, { askedMs, untilMs: askedMs + found.leaseMs, found, isRenewed: false });
    return found;
  }

  /** Updates the filters of a drop. */
  #keep(dropId: number, { keys }: LeasedDrop): (KeyFilter | null)[] {
    const known = this.#filters.get(dropId) ?? [];
    const filters = keys.map((update, shard) => update && KeyFilter.after(known[shard] ?? null, update));
    const kept = [...this.#filters.values(), filters].flat();
    // An isolate has 128 MB in total. Cleared filters are sent again with the next query.
    if (kept.reduce((bytes, filter) => bytes + (filter?.bytes ?? 0), 0) > KEY_FILTERS_BYTES_MAX) {
      this.#filters.clear();
      this.#known.clear();
    }
    const newest = filters.map((filter, shard) => filter ?? known[shard] ?? null);
    this.#filters.set(dropId, newest);
    return filters;
  }
}
