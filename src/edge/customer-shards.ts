/** The catalogue's index from customers, by their keyed hashes, to the objects that have orders of them. */
import { eq, sql } from 'drizzle-orm';
import { type DrizzleD1Database, drizzle } from 'drizzle-orm/d1';
import { customerPlaces, deletionPlaces } from '../../drizzle/catalogue.ts';
import { followers } from '../../drizzle/log.ts';
import { drops } from '../../drizzle/schema.ts';
import { DROPS_MAX, dropOf, laneOf, placeOf } from '../domain/shard.ts';

interface PlaceRow {
  place: number;
}

/** Places in the order of lists: the newest drop first. */
const inOrder = sql`${drops.id} % ${sql.raw(String(DROPS_MAX))} desc, ${drops.id}`;
/** A place that has told its customers at least once: until then the index knows nothing of it. */
const hasTold = sql`exists (select 1 from ${followers} where ${followers.name} = 'customers:' || ${drops.id})`;

/** Asks the primary: what a replica does not know yet would be missed. */
export class CustomerIndex {
  readonly #db: DrizzleD1Database;

  constructor(database: D1Database) {
    const session = database.withSession('first-primary');
    // Drizzle's D1 driver asks a database for `prepare` and `batch`, and a session has both.
    this.#db = drizzle(session as D1DatabaseSession & Pick<D1Database, 'exec' | 'withSession' | 'dump'>);
  }

  /** Notes customers of a place, up to its order `lastOrderId`. Told twice, it changes nothing. */
  async add(place: number, customers: readonly string[], lastOrderId: number): Promise<void> {
    // One parameter: D1 takes at most 100 for a statement.
    const list = JSON.stringify(customers);
    await this.#db.batch([
      this.#db
        .insert(customerPlaces)
        .select(sql`select value, ${place} from json_each(${list}) where true`)
        .onConflictDoNothing(),
      this.#db
        .insert(followers)
        .values({ name: `customers:${place}`, lastSeq: lastOrderId })
        .onConflictDoUpdate({ target: followers.name, set: { lastSeq: lastOrderId } }),
    ]);
  }

  /**
   * Places that may have orders of a customer: those that have told of one, those that have not told anything yet, and those of
   * drops that still sell, or ended after `endedBy`: an order of theirs may be on its way into the index. And `also`.
   */
  async likelyPlaces(customer: string, endedBy: number, also: number | null = null): Promise<number[]> {
    const told = sql`select ${customerPlaces.place} from ${customerPlaces} where ${customerPlaces.customer} = ${customer}`;
    return this.#places(sql`${drops.endsAt} is null or ${drops.endsAt} > ${endedBy}
      or ${drops.id} in (${told}) or not ${hasTold} or ${drops.id} = ${also}`);
  }

  /** Every place that a drop was ever reserved at, and each shard of it, whatever has told of it. */
  async everyPlace(): Promise<number[]> {
    const known = await this.#places(sql`true`);
    const lanes = new Map<number, number>();
    for (const place of known)
      lanes.set(dropOf(place), Math.max(lanes.get(dropOf(place)) ?? 0, laneOf(place)));
    return [...lanes].flatMap(([drop, last]) =>
      Array.from({ length: last + 1 }, (_, lane) => placeOf(drop, lane)),
    );
  }

  /** The places that a deletion has left since `since`. */
  async left(customer: string, since: number): Promise<number[]> {
    const rows = await this.#db.all<PlaceRow>(
      sql`select ${deletionPlaces.place} as place from ${deletionPlaces}
          where ${deletionPlaces.customer} = ${customer} and ${deletionPlaces.at} > ${since}`,
    );
    return rows.map(({ place }) => place);
  }

  /** Keeps what a deletion has left at `at`, in place of what it had left before. */
  async keepLeft(customer: string, places: readonly number[], at: number): Promise<void> {
    await this.#db.batch([
      this.#db.delete(deletionPlaces).where(eq(deletionPlaces.customer, customer)),
      this.#db
        .insert(deletionPlaces)
        .select(sql`select ${customer}, value, ${at} from json_each(${JSON.stringify(places)})`),
    ]);
  }

  async #places(condition: ReturnType<typeof sql>): Promise<number[]> {
    const rows = await this.#db.all<PlaceRow>(
      sql`select ${drops.id} as place from ${drops} where ${condition} order by ${inOrder}`,
    );
    return rows.map(({ place }) => place);
  }
}
