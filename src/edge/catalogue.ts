/** The catalogue in D1: which drops there are, under which slug, and how each one stood when its object last told. */
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
/** Drizzle's D1 driver asks a database for `prepare` and `batch`, and a session has both. */
type Session = D1DatabaseSession & Pick<D1Database, 'exec' | 'withSession' | 'dump'>;

/** What the log position of a drop's entry is kept under: entries of an older one never overwrite it. */
const entryName = (shardId: number): string => `drop:${shardId}`;
const entryOf = sql<string>`'drop:' || ${drops.id}`;

/** The drop that a request may make, or has made. */
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

/** The sum of a drop's shards, which are rows of their own. A drop without its first shard is not finished, and not shown. */
function joined(shards: readonly Drop[]): Drop[] {
  const byDrop = Map.groupBy(shards, ({ id }) => dropOf(id));
  return [...byDrop.values()].flatMap(([first, ...others]) =>
    first && shardOf(first.id) === 0 ? [joinShards(first, others)] : [],
  );
}

/** One drop as buyers see it: its first shard's words, and the units of all shards. */
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

/** One request's view of the catalogue: what was written under `bookmark`, and by this view, is seen. */
export class Catalogue {
  readonly #primary: D1DatabaseSession;
  readonly #replica: D1DatabaseSession;
  readonly #db: Database & { $primary: Database };
  #hasWritten = false;

  constructor(database: D1Database, bookmark: string | null = null) {
    // Only the first query of the primary's session must go there; a bookmark says how fresh a replica has to be.
    this.#primary = database.withSession('first-primary');
    this.#replica = database.withSession(bookmark ?? 'first-unconstrained');
    const on = (session: D1DatabaseSession): Database => drizzle(session as Session, { schema });
    this.#db = withReplicas(on(this.#primary), [on(this.#replica)]);
  }

  /** What a client hands back to see at least this; null before the first query. */
  bookmark(): string | null {
    return (this.#hasWritten ? this.#primary : this.#replica).getBookmark();
  }

  /**
   * Every drop that its object has told of, in the order of their keys; without those that ended by `endedBy`, an index away,
   * so that their rows are not read.
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

  /** The shards of a drop as each last told; `count` shards, or those that have told where `count` is 0. */
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

  /** The shards of every drop, shards too, the newest drop first. */
  async shardIds(): Promise<number[]> {
    const found = await this.#reader
      .select({ shardId: drops.id })
      .from(drops)
      .innerJoin(subscribers, eq(subscribers.name, entryOf))
      .orderBy(sql`${drops.id} % ${sql.raw(String(DROPS_MAX))} desc`, asc(drops.id));
    return found.map(({ shardId }) => shardId);
  }

  /** The mark of this deployment, the same for every object; created if there is none. */
  async deploymentMark(): Promise<string> {
    this.#hasWritten = true;
    const { $primary } = this.#db;
    const [, [kept]] = await $primary.batch([
      $primary.insert(deployment).values({ id: 1, mark: newDeploymentMark() }).onConflictDoNothing(),
      $primary.select({ mark: deployment.mark }).from(deployment),
    ]);
    if (!kept) throw new Error('The catalogue keeps no mark.');
    return kept.mark;
  }

  /** A replica may not know a new drop yet: it is absent where the primary says so too. */
  async dropIdOfSlug(slug: string): Promise<number | null> {
    for (const reader of [this.#reader, this.#db.$primary]) {
      const found = await reader.select({ id: drops.id }).from(drops).where(eq(drops.slug, slug)).get();
      if (found) return found.id;
    }
    return null;
  }

  /**
   * Takes a slug, and returns the key of its drop: the first free one of `range`, or `dropId` where the drop brings its own. The reservation
   * keeps `request` until the object of the first shard reports the drop. Until then the same request gets the same key.
   * Afterwards only the object knows the request: a keyed one may be a retry of it. Otherwise the refusal.
   */
  async reserve(
    slug: string,
    request: string,
    range: keyof typeof dropKeys,
    dropId?: number,
  ): Promise<Reserved | ReservationRefusal> {
    // Before the first sale: a mark that is created with it could be lost with it.
    await this.deploymentMark();
    const { $primary } = this.#db;
    const { first, end } = dropKeys[range];
    // The first free key: the last one of the range may have come with a drop that was imported. Without one the text fails the insert,
    // where null would take a key of another range.
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
      .select({ id: drops.id, request: drops.description, told: subscribers.name })
      .from(drops)
      .leftJoin(subscribers, eq(subscribers.name, entryOf))
      .where(eq(drops.slug, slug));
    if (!known || (dropId !== undefined && known.id !== dropId)) return 'slug_taken';
    if (known.told !== null) return isKeyed(request) ? { dropId: known.id, isMade: true } : 'slug_taken';
    return known.request === request
      ? { dropId: known.id, isMade: false }
      : refusalBy(known.request, request);
  }

  /**
   * Writes how a drop stands after its event `seq`. Told twice, or after a later one, it changes nothing. Shards are told of
   * under their own shard.
   */
  async tell(shardId: number, drop: Drop, seq: number): Promise<void> {
    this.#hasWritten = true;
    const { items: its, ...fields } = drop;
    const row = {
      ...fields,
      id: shardId,
      slug: shardId === drop.id ? drop.slug : `${drop.slug}#${shardOf(shardId)}`,
    };
    const name = entryName(shardId);
    const isNews = sql`coalesce((select last_seq from followers where name = ${name}), -1) < ${seq}`;
    const { $primary } = this.#db;
    await $primary.batch([
      $primary.insert(drops).values(row).onConflictDoUpdate({ target: drops.id, set: row, setWhere: isNews }),
      ...its.map(({ sku, name: itemName, price, stock, held, sold }) => {
        const counts = { name: itemName, price, stock, held, sold };
        return $primary
          .insert(items)
          .values({ dropId: shardId, sku, ...counts })
          .onConflictDoUpdate({ target: [items.dropId, items.sku], set: counts, setWhere: isNews });
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

  /** After a write of its own a view reads where it has written. */
  get #reader(): Database {
    return this.#hasWritten ? this.#db.$primary : this.#db;
  }
}
