/** Records the last event that was delivered to a subscriber. */

import { sql } from 'drizzle-orm';
import { subscribers } from '../../drizzle/log.ts';
import type { SyncDatabase } from '../database/sync-database.ts';
import type { AdvanceSubscriber } from '../domain/delivery-command.ts';
import type { OutcomeByCommand } from '../domain/outcome.ts';
import { value } from './placeholder.ts';
import type { Statements } from './statements.ts';

export const prepareSubscriberStatements = (db: SyncDatabase) => ({
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
});

export function advanceSubscriber(
  command: AdvanceSubscriber,
  statements: Statements,
): OutcomeByCommand['advanceSubscriber'] {
  const { name } = command;
  if (command.lastSeq === null) {
    const known = statements.subscriber.get({ name });
    if (known) return { kind: 'advanced', ...known };
  }
  const lastSeq = command.lastSeq ?? statements.lastLink.get()?.lastSeq ?? 0;
  return { kind: 'advanced', ...statements.advanceSubscriber.get({ name, lastSeq }) };
}
