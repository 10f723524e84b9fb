/** The catalogue in D1: the drops, their slugs, and the state that each object last reported. */
import { asc, eq, gt, inArray, isNull, lt, or, sql } from 'drizzle-orm';
import { type DrizzleD1Database, drizzle } from 'drizzle-orm/d1';
import { withReplicas } from 'drizzle-orm/sqlite-core';
import { deployment } from '../../drizzle/deployment.ts';
import { subscribers } from '../../drizzle/log.ts';
import * as schema from '../../drizzle/schema.ts';
import { newDeploymentMark } from '../database/deployment.ts';
import { isKeyed, refusalBy } from '../domain/creation-request.ts';
import type { Drop, Item } from '../domain/drop.ts';
import { DROPS_MAX, dropKeys, dropOf, SHARDS_MAX, shardIdOf, shardOf } from '../domain/shard.ts';
import type { ShardState } from './published.ts';

const { drops, items } = schema;

type Database = DrizzleD1Database<typeof schema>;
/** Drizzle's D1 driver calls `prepare` and `batch` only, which a session has too. */
type Session = D1DatabaseSession & Pick<D1Database, 'exec' | 'withSession' | 'dump'>;

/** Names the log position of a drop's entry: an older report never overwrites a newer one. */
const entryName = (shardId: number): string => `drop:${shardId}`;
const entryOf = sql<string>`'drop:' || ${drops.id}`;

/** The drop that a request may create, or has created. */
export interface Reserved {
  dropId: number;
  isMade: boolean;
}

type ReservationRefusal = ReturnType<typeof refusalBy>;

/** Placeholder values of a reserved drop that no object has reported yet: no client sees them. */
const reservation = {
  title: '',
  imageUrl: null,
  currency: 'EUR',
  perCustomer: null,
  startsAt: 0,
  endsAt: null,
  holdSeconds: 1,
  published: false,
  paused: true,
  createdAt: 0,
};

/**
 * Sums each drop's shards, which are separate rows. A drop without its first shard is incomplete
 * and is left out.
 */
function joined(shards: readonly Drop[]): Drop[] {
  const byDrop = Map.groupBy(shards, ({ id }) => dropOf(id));
  return [...byDrop.values()].flatMap(([first, ...others]) =>
    first && shardOf(first.id) === 0 ? [joinShards(first, others)] : [],
  );
}

/** Returns one drop as buyers see it: the first shard's texts, and the units of all shards. */
export function joinShards(first: Drop, others: readonly Drop[]): Drop {
  const sum = (item: Item, count: 'stock' | 'held' | 'sold'): number =>
    others.reduce(
      (units, shard) => units + (shard.items.find(({ sku }) => sku === item.sku)?.[count] ?? 0),
      item[count],
    );
  return {
    ...first,
    id: dropOf(first.id),
    items: first.items.map((item) => ({
      ...item,
      stock: sum(item, 'stock'),
      held: sum(item, 'held'),
      sold: sum(item, 'sold'),
    })),
  };
}

/** One request's view of the catalogue: it sees its own writes, and all writes up to `bookmark`. */
export class Catalogue {
  readonly #primary: D1DatabaseSession;
  readonly #replica: D1DatabaseSession;
  readonly #db: Database & { $primary: Database };
  #hasWritten = false;

  constructor(database: D1Database, bookmark: string | null = null) {
    // The primary's session is bound to the primary for its first query only; a bookmark sets the
    // minimum freshness of a replica.
    this.#primary = database.withSession('first-primary');
    this.#replica = database.withSession(bookmark ?? 'first-unconstrained');
    const on = (session: D1DatabaseSession): Database => drizzle(session as Session, { schema });
    this.#db = withReplicas(on(this.#primary), [on(this.#replica)]);
  }

  /** Returns what a client sends to see at least this state; null before the first query. */
  bookmark(): string | null {
    return (this.#hasWritten ? this.#primary : this.#replica).getBookmark();
  }

  /**
   * Lists every drop that its object has reported, by key. Drops that ended by `endedBy` are left
   * out through an index, so that their rows are not read.
   */
  async list(endedBy: number | null = null): Promise<Drop[]> {
    const isListed = endedBy === null ? undefined : or(isNull(drops.endsAt), gt(drops.endsAt, endedBy));
    const listed = this.#reader.select({ id: drops.id }).from(drops).where(isListed);
    const [rows, itemRows] = await Promise.all([
      this.#reader
        .select()
        .from(drops)
        .innerJoin(subscribers, eq(subscribers.name, entryOf))
        .where(isListed)
        .orderBy(asc(sql`${drops.id} % ${sql.raw(String(DROPS_MAX))}`), asc(drops.id)),
      this.#reader
        .select()
        .from(items)
        .where(isListed && inArray(items.dropId, listed))
        .orderBy(asc(items.id)),
    ]);
    const itemsOf = Map.groupBy(itemRows, ({ dropId }) => dropId);
    return joined(rows.map(({ drops: drop }) => ({ ...drop, items: itemsOf.get(drop.id) ?? [] })));
  }

  /**
   * Returns the last report of each shard of a drop; where `count` is 0, of each shard that has
   * reported.
   */
  async shards(dropId: number, count: number): Promise<(ShardState | undefined)[]> {
    const shardIds = Array.from({ length: SHARDS_MAX }, (_, shard) => shardIdOf(dropId, shard));
    const { $primary } = this.#db;
    const [rows, itemRows] = await Promise.all([
      $primary
        .select({ drop: drops, seq: subscribers.lastSeq })
        .from(drops)
        .innerJoin(subscribers, eq(subscribers.name, entryOf))
        .where(inArray(drops.id, shardIds)),
      $primary.select().from(items).where(inArray(items.dropId, shardIds)).orderBy(asc(items.id)),
    ]);
    const itemsOf = Map.groupBy(itemRows, (item) => item.dropId);
    const shards = count || rows.length;
    return shardIds.slice(0, shards).map((shardId) => {
      const row = rows.find(({ drop }) => drop.id === shardId);
      const drop = row && { ...row.drop, items: itemsOf.get(shardId) ?? [] };
      return row && drop && { drop, shards, seq: row.seq, nextHoldExpiresAt: null };
    });
  }

  /** Lists the shard ids of every drop, the newest drop first. */
  async shardIds(): Promise<number[]> {
    const found = await this.#reader
      .select({ shardId: drops.id })
      .from(drops)
      .innerJoin(subscribers, eq(subscribers.name, entryOf))
      .orderBy(sql`${drops.id} % ${sql.raw(String(DROPS_MAX))} desc`, asc(drops.id));
    return found.map(({ shardId }) => shardId);
  }

  /** Returns the deployment's mark, the same for every object; creates it on first use. */
  async deploymentMark(): Promise<string> {
    this.#hasWritten = true;
    const { $primary } = this.#db;
    const [, [kept]] = await $primary.batch([
      $primary.insert(deployment).values({ id: 1, mark: newDeploymentMark() }).onConflictDoNothing(),
      $primary.select({ mark: deployment.mark }).from(deployment),
    ]);
    if (!kept) throw new Error('The catalogue has no mark.');
    return kept.mark;
  }

  /** Looks a slug up in a replica, and then in the primary: a replica may lack a new drop. */
  async dropIdOfSlug(slug: string): Promise<number | null> {
    for (const reader of [this.#reader, this.#db.$primary]) {
      const found = await reader.select({ id: drops.id }).from(drops).where(eq(drops.slug, slug)).get();
      if (found) return found.id;
    }
    return null;
  }

  /**
   * Reserves a slug and returns the drop's key: the first free key of `range`, or `dropId` where
   * the drop brings its own. The reservation keeps `request` until the first shard's object reports
   * the drop; until then the same request gets the same key. After that, only the object knows the
   * request, and a keyed request may be a retry. Otherwise returns the refusal.
   */
  async reserve(
    slug: string,
    request: string,
    range: keyof typeof dropKeys,
    dropId?: number,
  ): Promise<Reserved | ReservationRefusal> {
    // Before the first sale: a mark that is created together with a sale could be lost with it.
    await this.deploymentMark();
    const { $primary } = this.#db;
    const { first, end } = dropKeys[range];
    // The first gap, because an imported drop may already have the last key of the range. Without a
    // gap, the text fails the insert; null would take a key of another range.
    const next = sql`coalesce((select min(taken.id) + 1 from (
      select ${first - 1} as id union all select id from drops where id >= ${first} and id < ${end}) as taken
      where taken.id + 1 < ${end} and not exists (select 1 from drops where id = taken.id + 1)), 'no key is free')`;
    const [made] = await $primary
      .insert(drops)
      .values({ ...reservation, id: dropId ?? next, slug, description: request })
      .onConflictDoNothing()
      .returning({ id: drops.id });
    if (made) return { dropId: made.id, isMade: false };
    const [known] = await $primary
      .select({ id: drops.id, request: drops.description, reported: subscribers.name })
      .from(drops)
      .leftJoin(subscribers, eq(subscribers.name, entryOf))
      .where(eq(drops.slug, slug));
    if (!known || (dropId !== undefined && known.id !== dropId)) return 'slug_taken';
    if (known.reported !== null) return isKeyed(request) ? { dropId: known.id, isMade: true } : 'slug_taken';
    return known.request === request
      ? { dropId: known.id, isMade: false }
      : refusalBy(known.request, request);
  }

  /**
   * Writes the state of a drop after its event `seq`. A repeated or older report changes nothing.
   * Each shard reports under its own shard id.
   */
  async report(shardId: number, drop: Drop, seq: number): Promise<void> {
    this.#hasWritten = true;
    const { items: its, ...fields } = drop;
    const row = {
      ...fields,
      id: shardId,
      slug: shardId === drop.id ? drop.slug : `${drop.slug}#${shardOf(shardId)}`,
    };
    const name = entryName(shardId);
    const isNewer = sql`coalesce((select last_seq from subscribers where name = ${name}), -1) < ${seq}`;
    const { $primary } = this.#db;
    await $primary.batch([
      $primary
        .insert(drops)
        .values(row)
        .onConflictDoUpdate({ target: drops.id, set: row, setWhere: isNewer }),
      ...its.map(({ sku, name: itemName, price, stock, held, sold }) => {
        const counts = { name: itemName, price, stock, held, sold };
        return $primary
          .insert(items)
          .values({ dropId: shardId, sku, ...counts })
          .onConflictDoUpdate({ target: [items.dropId, items.sku], set: counts, setWhere: isNewer });
      }),
      $primary
        .insert(subscribers)
        .values({ name, lastSeq: seq })
        .onConflictDoUpdate({
          target: subscribers.name,
          set: { lastSeq: seq },
          setWhere: lt(subscribers.lastSeq, seq),
        }),
    ]);
  }

  /** Reads from the primary once this view has written, so that it sees its own writes. */
  get #reader(): Database {
    return this.#hasWritten ? this.#db.$primary : this.#db;
  }
}
