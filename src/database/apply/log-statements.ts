/** The prepared statements of the event log and of those who follow it. */
import { desc, sql } from 'drizzle-orm';
import { events, followers, links } from '../../../drizzle/log.ts';
import type { SyncDatabase } from '../sync-database.ts';

const value = sql.placeholder;
// In an insert Drizzle wraps a placeholder with its column's encoder, which costs a tenth of the whole insert at each call.
// Ours are values that SQLite takes as they are.
export const bare = (name: string) => sql`${value(name)}`;

export const prepareLogStatements = (db: SyncDatabase) => ({
  lastLink: db
    .select({ lastSeq: links.lastSeq, hash: links.hash })
    .from(links)
    .orderBy(desc(links.lastSeq))
    .limit(1)
    .prepare(),

  insertEvent: db
    .insert(events)
    .values({
      seq: bare('seq'),
      at: bare('at'),
      kind: bare('kind'),
      actor: bare('actor'),
      dropId: bare('dropId'),
      itemId: bare('itemId'),
      orderId: bare('orderId'),
      quantity: bare('quantity'),
      amount: bare('amount'),
      currency: bare('currency'),
      detail: bare('detail'),
    })
    .prepare(),

  insertLink: db
    .insert(links)
    .values({ lastSeq: bare('lastSeq'), hash: bare('hash') })
    .prepare(),

  /** Never back: what was told stays told. */
  advanceFollower: db
    .insert(followers)
    .values({ name: value('name'), lastSeq: value('lastSeq') })
    .onConflictDoUpdate({
      target: followers.name,
      set: { lastSeq: sql`max(${followers.lastSeq}, excluded.last_seq)` },
    })
    .returning({ lastSeq: followers.lastSeq })
    .prepare(),

  follower: db
    .select({ lastSeq: followers.lastSeq })
    .from(followers)
    .where(sql`${followers.name} = ${value('name')}`)
    .prepare(),
});
