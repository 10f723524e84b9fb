/** The catalogue's index from customers, by keyed hash, to the shards that have their orders. */
import { eq, sql } from 'drizzle-orm';
import { type DrizzleD1Database, drizzle } from 'drizzle-orm/d1';
import { customerShards, deletionShards } from '../../drizzle/catalogue.ts';
import { subscribers } from '../../drizzle/log.ts';
import { drops } from '../../drizzle/schema.ts';
import { DROPS_MAX, dropOf, shardIdOf, shardOf } from '../domain/shard.ts';

interface ShardIdRow {
  shardId: number;
}

/** The order of lists: the newest drop first. */
const inOrder = sql`${drops.id} % ${sql.raw(String(DROPS_MAX))} desc, ${drops.id}`;
/** Whether a shard has reported its customers at least once; before that, the index lacks them. */
const hasReported = sql`exists (select 1 from ${subscribers} where ${subscribers.name} = 'customers:' || ${drops.id})`;

/** Queries the primary only: a replica may lack the latest orders. */
export class CustomerIndex {
  readonly #db: DrizzleD1Database;

  constructor(database: D1Database) {
    const session = database.withSession('first-primary');
    // Drizzle's D1 driver calls `prepare` and `batch` only, which a session has too.
    this.#db = drizzle(session as D1DatabaseSession & Pick<D1Database, 'exec' | 'withSession' | 'dump'>);
  }

  /**
   * Adds customers of a shard, up to its order `lastOrderId`. A repeated report changes nothing.
   */
  async add(shardId: number, customers: readonly string[], lastOrderId: number): Promise<void> {
    // One parameter for all customers: D1 accepts at most 100 per statement.
    const list = JSON.stringify(customers);
    await this.#db.batch([
      this.#db
        .insert(customerShards)
        .select(sql`select value, ${shardId} from json_each(${list}) where true`)
        .onConflictDoNothing(),
      this.#db
        .insert(subscribers)
        .values({ name: `customers:${shardId}`, lastSeq: lastOrderId })
        .onConflictDoUpdate({ target: subscribers.name, set: { lastSeq: lastOrderId } }),
    ]);
  }

  /**
   * Lists the shards that may have orders of a customer: shards that reported one, shards that have
   * not reported yet, and shards of drops that are on sale or ended after `endedBy`, because their
   * latest orders may not be in the index yet. Includes `also`.
   */
  async likelyShardIds(customer: string, endedBy: number, also: number | null = null): Promise<number[]> {
    const reported = sql`select ${customerShards.shardId} from ${customerShards} where ${customerShards.customer} = ${customer}`;
    return this.#shardIds(sql`${drops.endsAt} is null or ${drops.endsAt} > ${endedBy}
      or ${drops.id} in (${reported}) or not ${hasReported} or ${drops.id} = ${also}`);
  }

  /** Lists every shard of every drop that was ever reserved, reported or not. */
  async everyShardId(): Promise<number[]> {
    const known = await this.#shardIds(sql`true`);
    const shards = new Map<number, number>();
    for (const shardId of known)
      shards.set(dropOf(shardId), Math.max(shards.get(dropOf(shardId)) ?? 0, shardOf(shardId)));
    return [...shards].flatMap(([drop, last]) =>
      Array.from({ length: last + 1 }, (_, shard) => shardIdOf(drop, shard)),
    );
  }

  /** Lists the shards that a deletion left undone since `since`. */
  async left(customer: string, since: number): Promise<number[]> {
    const rows = await this.#db.all<ShardIdRow>(
      sql`select ${deletionShards.shardId} as "shardId" from ${deletionShards}
          where ${deletionShards.customer} = ${customer} and ${deletionShards.at} > ${since}`,
    );
    return rows.map(({ shardId }) => shardId);
  }

  /** Replaces the list of shards that a deletion left undone, at `at`. */
  async keepLeft(customer: string, shardIds: readonly number[], at: number): Promise<void> {
    await this.#db.batch([
      this.#db.delete(deletionShards).where(eq(deletionShards.customer, customer)),
      this.#db
        .insert(deletionShards)
        .select(sql`select ${customer}, value, ${at} from json_each(${JSON.stringify(shardIds)})`),
    ]);
  }

  async #shardIds(condition: ReturnType<typeof sql>): Promise<number[]> {
    const rows = await this.#db.all<ShardIdRow>(
      sql`select ${drops.id} as "shardId" from ${drops} where ${condition} order by ${inOrder}`,
    );
    return rows.map(({ shardId }) => shardId);
  }
}
