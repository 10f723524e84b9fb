/** The prepared statements of the event log, its subscribers and their deferred deliveries. */
import { and, asc, desc, eq, gt, lte, or, sql } from 'drizzle-orm';
import {
  deferredDeliveries,
  events,
  linkRequests,
  links,
  recentMails,
  subscribers,
} from '../../drizzle/log.ts';
import type { SyncDatabase } from '../database/sync-database.ts';

const value = sql.placeholder;
const isDeferred = and(
  eq(deferredDeliveries.subscriber, value('subscriber')),
  eq(deferredDeliveries.seq, value('seq')),
);
// In an insert Drizzle wraps a placeholder with its column's encoder, which costs a tenth of the
// whole insert at each call. SQLite takes these values without encoding.
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

  /** Never moves back: a delivered event stays delivered. */
  advanceSubscriber: db
    .insert(subscribers)
    .values({ name: value('name'), lastSeq: value('lastSeq') })
    .onConflictDoUpdate({
      target: subscribers.name,
      set: { lastSeq: sql`max(${subscribers.lastSeq}, excluded.last_seq)` },
    })
    .returning({ lastSeq: subscribers.lastSeq })
    .prepare(),

  subscriber: db
    .select({ lastSeq: subscribers.lastSeq })
    .from(subscribers)
    .where(sql`${subscribers.name} = ${value('name')}`)
    .prepare(),

  deferredCount: db
    .select({ count: sql<number>`count(*)` })
    .from(deferredDeliveries)
    .where(eq(deferredDeliveries.subscriber, value('subscriber')))
    .prepare(),

  oldestDeferred: db
    .select({ seq: deferredDeliveries.seq, since: deferredDeliveries.since })
    .from(deferredDeliveries)
    .where(eq(deferredDeliveries.subscriber, value('subscriber')))
    .orderBy(asc(deferredDeliveries.seq))
    .limit(1)
    .prepare(),

  /** A delivery that is already deferred keeps its turn. */
  insertDeferred: db
    .insert(deferredDeliveries)
    .values({
      subscriber: value('subscriber'),
      seq: value('seq'),
      orderId: value('orderId'),
      since: value('now'),
      attempts: sql`1`,
      nextAttemptAt: value('nextAttemptAt'),
    })
    .onConflictDoNothing()
    .prepare(),

  beginDeferred: db
    .update(deferredDeliveries)
    .set({ attempts: sql`attempts + 1`, nextAttemptAt: sql`${value('nextAttemptAt')}` })
    .where(and(isDeferred, eq(deferredDeliveries.attempts, value('attempts'))))
    .returning({ seq: deferredDeliveries.seq })
    .prepare(),

  endDeferred: db.delete(deferredDeliveries).where(isDeferred).prepare(),

  /** Also those dated by a clock that was ahead: they would block an allowance for long. */
  deleteOldMails: db
    .delete(recentMails)
    .where(or(lte(recentMails.at, value('before')), gt(recentMails.at, value('now'))))
    .prepare(),

  recentMails: db
    .select({ seq: recentMails.seq })
    .from(recentMails)
    .where(and(eq(recentMails.recipient, value('recipient')), eq(recentMails.allowance, value('allowance'))))
    .prepare(),

  insertMail: db
    .insert(recentMails)
    .values({
      recipient: value('recipient'),
      allowance: value('allowance'),
      seq: value('seq'),
      at: value('at'),
    })
    .prepare(),

  linkRequestCount: db.select({ count: sql<number>`count(*)` }).from(linkRequests).prepare(),

  insertLinkRequest: db
    .insert(linkRequests)
    .values({ recipient: value('recipient'), at: value('at') })
    .prepare(),

  endLinkRequest: db
    .delete(linkRequests)
    .where(and(eq(linkRequests.id, value('id')), eq(linkRequests.at, value('at'))))
    .prepare(),
});
