/** What a Worker finds out about a drop before it leads a request on: its place, its lanes, and how they stand. */
import { Catalogue, joinLanes } from '../../database/edge/catalogue.ts';
import { mayHaveKey } from '../../database/edge/key-filter.ts';
import type { Published } from '../../database/edge/object-store.ts';
import type { Drop } from '../../domain/drop.ts';
import { dropOf, placeOf } from '../../domain/place.ts';
import type { Ids } from '../../ids.ts';
import type { PublishedDrops } from './published-drops.ts';

const SLUGS_MAX = 1_000;

type WaitUntil = (work: Promise<unknown>) => void;

/** A drop with all its lanes. */
export interface KnownDrop {
  /** Its units are those of all lanes. */
  drop: Drop;
  places: readonly number[];
  /** Whether a customer's key may have an order in his lane; true where that is not known. */
  mayHaveOrder(place: number, customer: string, key: string): boolean;
}

export class KnownDrops {
  readonly #database: D1Database;
  readonly #published: PublishedDrops;
  readonly #ids: Ids;
  readonly #dropIdBySlug = new Map<string, number>();

  constructor(database: D1Database, published: PublishedDrops, ids: Ids) {
    this.#database = database;
    this.#published = published;
    this.#ids = ids;
  }

  /** The place of a drop, or of its first lane, by its id or slug; null where there is none. */
  async placeOf(idOrSlug: string): Promise<number | null> {
    const dropId = this.#ids.parseDrop(idOrSlug) ?? this.#dropIdBySlug.get(idOrSlug);
    if (dropId !== undefined) return placeOf(dropId);
    const found = await new Catalogue(this.#database).dropIdOfSlug(idOrSlug);
    if (found === null) return null;
    if (this.#dropIdBySlug.size >= SLUGS_MAX) this.#dropIdBySlug.clear();
    // A slug never changes and never goes to another drop.
    this.#dropIdBySlug.set(idOrSlug, found);
    return placeOf(found);
  }

  /** How a drop stands, by any of its places; null where there is none. */
  async look(place: number, waitUntil: WaitUntil): Promise<KnownDrop | null> {
    const first = await this.#published.get(placeOf(dropOf(place)), waitUntil);
    if (!first) return null;
    const places = Array.from({ length: first.lanes }, (_, lane) => placeOf(first.drop.id, lane));
    const others = await Promise.all(places.slice(1).map((other) => this.#published.get(other, waitUntil)));
    const lanes = [first, ...others.filter((lane): lane is Published => lane !== null)];
    const ids = this.#ids;
    return {
      drop: joinLanes(
        first.drop,
        lanes.slice(1).map(({ drop }) => drop),
      ),
      places,
      mayHaveOrder(of, customer, key) {
        const { keys } = lanes[places.indexOf(of)] ?? first;
        if (keys === null) return true;
        // Rows of earlier versions hold the key itself.
        return [ids.idempotencyKey(key), key].some((form) => mayHaveKey(keys, customer, form));
      },
    };
  }

  /** Something was done there through this Worker: who did it must see it in his next read here. */
  forget(place: number): void {
    this.#published.forget(place);
  }
}

/** The lane of a customer: always the same one, so that his limit holds. `customer` is his keyed hash, in base64url. */
export function laneOfCustomer(customer: string, lanes: number): number {
  let sum = 0;
  for (const character of customer) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 0x1_0000_0000;
  return sum % lanes;
}
