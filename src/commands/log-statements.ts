/** The prepared statements of the event log. */
import { desc } from 'drizzle-orm';
import { events, links } from '../../drizzle/log.ts';
import type { SyncDatabase } from '../database/sync-database.ts';
import { bare } from './placeholder.ts';

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
});
