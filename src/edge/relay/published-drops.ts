/** What this Worker knows of drops near the buyer, by their relays, none of it older than PUBLISHED_AGE_MS. */

import type { Drop } from '../../domain/drop.ts';
import { dropOf, type Jurisdiction, jurisdictionOf } from '../../domain/shard.ts';
import { PUBLISHED_AGE_MS } from '../../limits.ts';
import type { Clock } from '../../split/clock.ts';
import { KeyFilter, type KeyNews, type KeyPosition } from '../key-filter.ts';
import type { WaitUntil } from '../shared-reads.ts';
import { KEY_FILTERS_BYTES_MAX } from './limits.ts';

const DROPS_KNOWN_MAX = 1_000;

/** A drop as Workers show it, and refuse by it, for `leaseMs` from before they asked. */
export interface Board {
  /** Its units are those of all shards. */
  drop: Drop;
  shards: number;
  /** For each shard, which keys may have an order; null where only the shard can refuse a key. */
  keys: (KeyNews | null)[];
  leaseMs: number;
}

/** The part of the way to relays that is needed here. */
interface Relays {
  jurisdictions(): Jurisdiction[];
  call(
    relay: string,
    work: (stub: {
      board(unseen: readonly number[], keys: readonly (KeyPosition | null)[]): Promise<Board | null>;
    }) => Promise<Board | null>,
    isIdempotent: boolean,
  ): Promise<Board | null>;
}

/** How a request asks. */
export interface Visit {
  /** The name of the relay to ask about a drop. */
  relayOf(dropId: number): string;
  waitUntil: WaitUntil;
}

/** A drop as this Worker may show it and refuse by it. */
export interface PublishedDrop extends Pick<Board, 'drop' | 'shards'> {
  /** For each shard, which keys may have an order; null where only the shard can refuse a key. */
  keys: readonly (KeyFilter | null)[];
}

interface Known {
  /** On the monotonic clock, from before the relay was asked: the shards count from later on. */
  askedMs: number;
  untilMs: number;
  found: PublishedDrop;
  isRenewed: boolean;
}

/** A question to a relay. */
interface Asking {
  turn: number;
  startedMs: number;
  /** Null until it ends. */
  end: { found: PublishedDrop | null } | { error: unknown } | null;
}

/** How often a request looks whether the question that it waits for has an answer. */
const LOOK_MS = 10;
/** After this time, a question counts as lost: the platform drops the work of a request whose client has left. */
const LOST_MS = 2_000;

export class PublishedDrops {
  readonly #relays: Relays;
  readonly #clock: Clock;
  readonly #known = new Map<number, Known>();
  /** Places where this Worker has changed something since it last read them, each with the number of the change. */
  readonly #changed = new Map<number, Map<number, number>>();
  #changes = 0;
  readonly #askings = new Map<number, Asking>();
  /** Orders requests and questions where the clock shows the same time. */
  #turn = 0;
  /** By drop, for each shard the filter that was got last: a relay sends what is new in it. */
  readonly #filters = new Map<number, readonly (KeyFilter | null)[]>();

  constructor(relays: Relays, clock: Clock) {
    this.#relays = relays;
    this.#clock = clock;
  }

  /**
   * Null where there is no drop. Rejects where its relay can't be reached. Values are kept and no promises: the
   * platform lets no request wait for the work of another one. So the first one in the last quarter of the time renews what
   * is known, after its answer, and a crowd never finds it gone. Where it is gone, after a change or at the start, one request asks
   * the relay at a time, and the others look for its answer: however many visitors there are, an isolate asks no more than that.
   */
  async get(dropId: number, visit: Visit): Promise<PublishedDrop | null> {
    const jurisdiction = this.#known.has(dropId) ? null : jurisdictionOf(dropId);
    // A number of other software at payOS can lead there. No drop does where the platform has no jurisdictions, as on a developer's machine.
    if (jurisdiction !== null && !this.#relays.jurisdictions().includes(jurisdiction)) return null;
    this.#turn += 1;
    const turn = this.#turn;
    for (;;) {
      const nowMs = this.#clock.monotonicMs();
      const known = this.#known.get(dropId);
      const isDue = known && nowMs >= known.untilMs - PUBLISHED_AGE_MS / 4 && !known.isRenewed;
      if (known && isDue && nowMs < known.untilMs) {
        known.isRenewed = true;
        // After a failure, the next request asks again once this state has expired.
        visit.waitUntil(this.#lead(dropId, visit).catch(() => undefined));
      }
      if (known && nowMs < known.untilMs) return known.found;
      const asking = this.#askings.get(dropId);
      if (!asking || nowMs > asking.startedMs + LOST_MS) {
        const answer = this.#lead(dropId, visit);
        // Others wait for it: it must end also where this client leaves.
        visit.waitUntil(answer.catch(() => undefined));
        return answer;
      }
      await new Promise<void>((resolve) => this.#clock.after(LOOK_MS, resolve));
      // One that began before this request came may lack what was changed, or made, since.
      if (!asking.end || asking.turn < turn) continue;
      if ('error' in asking.end) throw asking.end.error;
      return asking.end.found;
    }
  }

  /** Something was done there through this Worker: who did it must see it in his next read here. */
  forget(shardId: number): void {
    const dropId = dropOf(shardId);
    if (this.#changed.size >= DROPS_KNOWN_MAX) this.#changed.clear();
    const shardIds = this.#changed.get(dropId) ?? new Map<number, number>();
    this.#changes += 1;
    this.#changed.set(dropId, shardIds.set(shardId, this.#changes));
    this.#known.delete(dropId);
  }

  async #lead(dropId: number, visit: Visit): Promise<PublishedDrop | null> {
    this.#turn += 1;
    const asking: Asking = { turn: this.#turn, startedMs: this.#clock.monotonicMs(), end: null };
    this.#askings.set(dropId, asking);
    try {
      const found = await this.#ask(dropId, visit);
      asking.end = { found };
      return found;
    } catch (error) {
      asking.end = { error };
      throw error;
    } finally {
      if (this.#askings.get(dropId) === asking) this.#askings.delete(dropId);
    }
  }

  async #ask(dropId: number, visit: Visit): Promise<PublishedDrop | null> {
    const askedMs = this.#clock.monotonicMs();
    const unseen = [...(this.#changed.get(dropId) ?? [])];
    const shardIds = unseen.map(([shardId]) => shardId);
    const positions = (this.#filters.get(dropId) ?? []).map((filter) => filter?.position ?? null);
    const relay = visit.relayOf(dropId);
    const board = await this.#relays.call(relay, async (stub) => stub.board(shardIds, positions), true);
    const filters = board && this.#keep(dropId, board);
    // An answer that took longer than its lease shows the drop, and refuses nothing any more.
    const isLate = board && this.#clock.monotonicMs() >= askedMs + board.leaseMs;
    const found = board && filters && { ...board, keys: isLate ? filters.map(() => null) : filters };
    const changed = this.#changed.get(dropId);
    for (const [shardId, change] of unseen) if (changed?.get(shardId) === change) changed.delete(shardId);
    if (changed?.size === 0) this.#changed.delete(dropId);
    if (this.#known.size >= DROPS_KNOWN_MAX) this.#known.clear();
    const newest = this.#known.get(dropId);
    // What was changed meanwhile may not be in it. And an absence is never kept: a drop that is created there next would
    // miss its first payments.
    if (found && !this.#changed.has(dropId) && (!newest || newest.askedMs <= askedMs))
      this.#known.set(dropId, { askedMs, untilMs: askedMs + found.leaseMs, found, isRenewed: false });
    return found;
  }

  /** Brings the filters of a drop up to date. */
  #keep(dropId: number, { keys }: Board): (KeyFilter | null)[] {
    const known = this.#filters.get(dropId) ?? [];
    const filters = keys.map((news, shard) => news && KeyFilter.after(known[shard] ?? null, news));
    const kept = [...this.#filters.values(), filters].flat();
    // An isolate has 128 MB for all that it does: the drops that are asked about again send theirs again.
    if (kept.reduce((bytes, filter) => bytes + (filter?.bytes ?? 0), 0) > KEY_FILTERS_BYTES_MAX) {
      this.#filters.clear();
      this.#known.clear();
    }
    const newest = filters.map((filter, shard) => filter ?? known[shard] ?? null);
    this.#filters.set(dropId, newest);
    return filters;
  }
}
