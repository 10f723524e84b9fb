/** The catalogue's index from customers, by their keyed hashes, to the objects that have orders of them. */
import { eq, sql } from 'drizzle-orm';
import { type DrizzleD1Database, drizzle } from 'drizzle-orm/d1';
import { customerShardIds, deletionShardIds } from '../../drizzle/catalogue.ts';
import { subscribers } from '../../drizzle/log.ts';
import { drops } from '../../drizzle/schema.ts';
import { DROPS_MAX, dropOf, shardIdOf, shardOf } from '../domain/shard.ts';

interface ShardIdRow {
  shardId: number;
}

/** Places in the order of lists: the newest drop first. */
const inOrder = sql`${drops.id} % ${sql.raw(String(DROPS_MAX))} desc, ${drops.id}`;
/** A shard that has told its customers at least once: until then the index knows nothing of it. */
const hasTold = sql`exists (select 1 from ${subscribers} where ${subscribers.name} = 'customers:' || ${drops.id})`;

/** Asks the primary: what a replica does not know yet would be missed. */
export class CustomerIndex {
  readonly #db: DrizzleD1Database;

  constructor(database: D1Database) {
    const session = database.withSession('first-primary');
    // Drizzle's D1 driver asks a database for `prepare` and `batch`, and a session has both.
    this.#db = drizzle(session as D1DatabaseSession & Pick<D1Database, 'exec' | 'withSession' | 'dump'>);
  }

  /** Notes customers of a shard, up to its order `lastOrderId`. Told twice, it changes nothing. */
  async add(shardId: number, customers: readonly string[], lastOrderId: number): Promise<void> {
    // One parameter: D1 takes at most 100 for a statement.
    const list = JSON.stringify(customers);
    await this.#db.batch([
      this.#db
        .insert(customerShardIds)
        .select(sql`select value, ${shardId} from json_each(${list}) where true`)
        .onConflictDoNothing(),
      this.#db
        .insert(subscribers)
        .values({ name: `customers:${shardId}`, lastSeq: lastOrderId })
        .onConflictDoUpdate({ target: subscribers.name, set: { lastSeq: lastOrderId } }),
    ]);
  }

  /**
   * Places that may have orders of a customer: those that have told of one, those that have not told anything yet, and those of
   * drops that still sell, or ended after `endedBy`: an order of theirs may be on its way into the index. And `also`.
   */
  async likelyShardIds(customer: string, endedBy: number, also: number | null = null): Promise<number[]> {
    const told = sql`select ${customerShardIds.shardId} from ${customerShardIds} where ${customerShardIds.customer} = ${customer}`;
    return this.#shardIds(sql`${drops.endsAt} is null or ${drops.endsAt} > ${endedBy}
      or ${drops.id} in (${told}) or not ${hasTold} or ${drops.id} = ${also}`);
  }

  /** Every shard that a drop was ever reserved at, and each shard of it, whatever has told of it. */
  async everyShardId(): Promise<number[]> {
    const known = await this.#shardIds(sql`true`);
    const shards = new Map<number, number>();
    for (const shardId of known)
      shards.set(dropOf(shardId), Math.max(shards.get(dropOf(shardId)) ?? 0, shardOf(shardId)));
    return [...shards].flatMap(([drop, last]) =>
      Array.from({ length: last + 1 }, (_, shard) => shardIdOf(drop, shard)),
    );
  }

  /** The shards that a deletion has left since `since`. */
  async left(customer: string, since: number): Promise<number[]> {
    const rows = await this.#db.all<ShardIdRow>(
      sql`select ${deletionShardIds.shardId} as "shardId" from ${deletionShardIds}
          where ${deletionShardIds.customer} = ${customer} and ${deletionShardIds.at} > ${since}`,
    );
    return rows.map(({ shardId }) => shardId);
  }

  /** Keeps what a deletion has left at `at`, in place of what it had left before. */
  async keepLeft(customer: string, shardIds: readonly number[], at: number): Promise<void> {
    await this.#db.batch([
      this.#db.delete(deletionShardIds).where(eq(deletionShardIds.customer, customer)),
      this.#db
        .insert(deletionShardIds)
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
