/**
 * Limits the e-mails to one recipient per hour, with counts on disk, so that they survive a
 * restart; stores requests for lost links.
 */

import { and, eq, gt, lte, or, sql } from 'drizzle-orm';
import { linkRequests, recentMails } from '../../drizzle/log.ts';
import type { SyncDatabase } from '../database/sync-database.ts';
import type { CountMail, EndLinkRequest, MailAllowance, RequestLinks } from '../domain/delivery-command.ts';
import {
  LINK_REQUESTS_MAX,
  RECIPIENT_MAILS_MAX,
  RECIPIENT_MAILS_WINDOW_MS,
} from '../domain/delivery-limits.ts';
import type { OutcomeByCommand } from '../domain/outcome.ts';
import type { Journal } from './journal.ts';
import { value } from './placeholder.ts';
import type { Statements } from './statements.ts';

export const prepareMailStatements = (db: SyncDatabase) => ({
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

function isWithinLimit(
  mail: { recipient: string; allowance: MailAllowance; seq: number | null },
  statements: Statements,
  { now }: Journal,
): boolean {
  const { recipient, allowance, seq } = mail;
  statements.deleteOldMails.run({ before: now - RECIPIENT_MAILS_WINDOW_MS, now });
  const recent = statements.recentMails.all({ recipient, allowance });
  if (seq !== null && recent.some((one) => one.seq === seq)) return true;
  if (recent.length >= RECIPIENT_MAILS_MAX[allowance]) return false;
  statements.insertMail.run({ ...mail, at: now });
  return true;
}

export function countMail(
  { recipient, allowance, seq }: CountMail,
  statements: Statements,
  journal: Journal,
): OutcomeByCommand['countMail'] {
  return {
    kind: isWithinLimit({ recipient, allowance, seq }, statements, journal) ? 'done' : 'mail_limit_reached',
  };
}

/** Logs nothing: the log is permanent, and anyone can request links for any address. */
export function requestLinks(
  { recipient }: RequestLinks,
  statements: Statements,
  journal: Journal,
): OutcomeByCommand['requestLinks'] {
  const waiting = statements.linkRequestCount.get()?.count ?? 0;
  const mail = { recipient, allowance: 'links', seq: null } as const;
  if (waiting < LINK_REQUESTS_MAX && isWithinLimit(mail, statements, journal))
    statements.insertLinkRequest.run({ recipient, at: journal.now });
  return { kind: 'done' };
}

export function endLinkRequest(
  { id, at }: EndLinkRequest,
  statements: Statements,
): OutcomeByCommand['endLinkRequest'] {
  statements.endLinkRequest.run({ id, at });
  return { kind: 'done' };
}
