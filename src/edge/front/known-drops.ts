/**
 * What a Worker looks up before it forwards a request: the drop's shards and their published state.
 */
import type { Drop } from '../../domain/drop.ts';
import { dropOf, shardIdOf, shardOf } from '../../domain/shard.ts';
import type { Ids } from '../../ids/ids.ts';
import { PUBLISHED_AGE_MS, SLUG_CHARACTERS_MAX } from '../../limits.ts';
import type { Clock } from '../../split/clock.ts';
import type { PublishedDrops, ReadContext } from '../relay/published-drops.ts';
import { SharedReads, type WaitUntil } from '../shared-reads.ts';

export const KNOWN_SLUGS_MAX = 1_000;
/**
 * Text of another shape names no drop: neither an invented id nor a shard's entry in the catalogue.
 */
const slugShape = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** A drop with all its shards. */
export interface KnownDrop {
  /** Its counts are the sums over all shards. */
  drop: Drop;
  shardIds: readonly number[];
  /** Whether a customer's key may have an order in their shard; true where it is unknown. */
  mayHaveOrder(shardId: number, customer: string, key: string): boolean;
}

/** Queries the catalogue for the drop of a slug; null where there is none. */
type SlugReader = (slug: string) => Promise<number | null>;

export class KnownDrops {
  readonly #readSlug: SlugReader;
  readonly #published: PublishedDrops;
  readonly #ids: Ids;
  readonly #dropIdBySlug = new Map<string, number>();
  readonly #lookups: SharedReads<string, number>;

  constructor(readSlug: SlugReader, published: PublishedDrops, ids: Ids, clock: Clock) {
    this.#readSlug = readSlug;
    this.#published = published;
    this.#ids = ids;
    const rules = { freshMs: PUBLISHED_AGE_MS, staleMs: PUBLISHED_AGE_MS, keysMax: KNOWN_SLUGS_MAX };
    this.#lookups = new SharedReads({ ...rules, absentMs: PUBLISHED_AGE_MS }, clock);
  }

  /**
   * Returns the first shard of a drop by its id or slug; null where there is none. A drop may be
   * created under an unknown slug at any time, so a request that must not miss it (a purchase,
   * whose retry must find its order, or an operator's request) does not accept a cached absence.
   */
  async shardIdOf(
    idOrSlug: string,
    waitUntil: WaitUntil,
    acceptsKeptAbsence = false,
  ): Promise<number | null> {
    const dropId = this.#dropIdOf(idOrSlug);
    if (dropId !== undefined) return shardIdOf(dropId);
    if (!this.#mayBeSlug(idOrSlug)) return null;
    const readSlug = () => this.#readSlug(idOrSlug);
    const found = await this.#lookups.get(idOrSlug, readSlug, waitUntil, acceptsKeptAbsence);
    if (found === null) return null;
    this.#keepSlug(idOrSlug, found);
    return shardIdOf(found);
  }

  /**
   * Caches the slugs of a list, so that `shardIdOf` does not query the catalogue for them. A draft
   * stays unknown, so that its slug can't be distinguished from an invented one.
   */
  learn(drops: readonly Drop[]): void {
    const shown = drops.filter(({ published }) => published);
    for (const { slug, id } of shown.slice(0, KNOWN_SLUGS_MAX)) this.#keepSlug(slug, id);
  }

  /** Whether `shardIdOf` would query the catalogue. */
  needsLookup(idOrSlug: string, acceptsKeptAbsence: boolean): boolean {
    if (this.#dropIdOf(idOrSlug) !== undefined || !this.#mayBeSlug(idOrSlug)) return false;
    return !(acceptsKeptAbsence && this.#lookups.isAbsent(idOrSlug));
  }

  /** Drops a cached absence, because this Worker created the drop. */
  invalidateSlug(slug: string): void {
    this.#lookups.invalidate(slug);
  }

  /** Caches a slug, which never changes and never passes to another drop. Evicts the oldest one. */
  #keepSlug(slug: string, dropId: number): void {
    this.#dropIdBySlug.delete(slug);
    const [oldest] = this.#dropIdBySlug.keys();
    if (oldest !== undefined && this.#dropIdBySlug.size >= KNOWN_SLUGS_MAX) this.#dropIdBySlug.delete(oldest);
    this.#dropIdBySlug.set(slug, dropId);
  }

  #dropIdOf(idOrSlug: string): number | undefined {
    return this.#ids.parseDrop(idOrSlug) ?? this.#dropIdBySlug.get(idOrSlug);
  }

  #mayBeSlug(text: string): boolean {
    return text.length <= SLUG_CHARACTERS_MAX && slugShape.test(text);
  }

  /** Returns the published state of a drop, by any of its shards; null where there is none. */
  async find(shardId: number, context: ReadContext): Promise<KnownDrop | null> {
    const found = await this.#published.get(dropOf(shardId), context);
    if (!found) return null;
    const ids = this.#ids;
    return {
      drop: found.drop,
      shardIds: Array.from({ length: found.shards }, (_, shard) => shardIdOf(found.drop.id, shard)),
      mayHaveOrder(of, customer, key) {
        const keys = found.keys[shardOf(of)] ?? null;
        if (keys === null) return true;
        // Rows of earlier versions hold the key itself.
        return [ids.idempotencyKey(key), key].some((form) => keys.mayHave(customer, form));
      },
    };
  }

  /**
   * Drops the cached state after a change through this Worker: the client's next read must see it.
   */
  invalidate(shardId: number): void {
    this.#published.invalidate(shardId);
  }
}
