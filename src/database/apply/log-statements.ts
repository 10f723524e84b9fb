/** The prepared statements of the event log and of those who follow it. */
import { desc, sql } from 'drizzle-orm';
import { events, followers, links } from '../../../drizzle/schema.ts';
import type { SyncDatabase } from '../sync-database.ts';

const value = sql.placeholder;

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
      seq: value('seq'),
      at: value('at'),
      kind: value('kind'),
      actor: value('actor'),
      dropId: value('dropId'),
      itemId: value('itemId'),
      orderId: value('orderId'),
      quantity: value('quantity'),
      amount: value('amount'),
      currency: value('currency'),
      detail: value('detail'),
    })
    .prepare(),

  insertLink: db
    .insert(links)
    .values({ lastSeq: value('lastSeq'), hash: value('hash') })
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
