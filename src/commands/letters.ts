/**
 * Bounds the letters that one recipient gets in an hour, on disk, so that a restart keeps the
 * count; stores requests for lost links.
 */

import type {
  EndLinkRequest,
  LetterAllowance,
  RequestLinks,
  TakeLetter,
} from '../domain/delivery-command.ts';
import { LETTERS_MAX, LETTERS_WINDOW_MS, LINK_REQUESTS_MAX } from '../domain/delivery-limits.ts';
import type { OutcomeByCommand } from '../domain/outcome.ts';
import type { Journal } from './journal.ts';
import type { Statements } from './statements.ts';

function take(
  letter: { recipient: string; allowance: LetterAllowance; seq: number | null },
  statements: Statements,
  { now }: Journal,
): boolean {
  const { recipient, allowance, seq } = letter;
  statements.forgetLetters.run({ before: now - LETTERS_WINDOW_MS, now });
  const recent = statements.recentLetters.all({ recipient, allowance });
  if (seq !== null && recent.some((one) => one.seq === seq)) return true;
  if (recent.length >= LETTERS_MAX[allowance]) return false;
  statements.insertLetter.run({ ...letter, at: now });
  return true;
}

export function takeLetter(
  { recipient, allowance, seq }: TakeLetter,
  statements: Statements,
  journal: Journal,
): OutcomeByCommand['takeLetter'] {
  return { kind: take({ recipient, allowance, seq }, statements, journal) ? 'done' : 'letters_spent' };
}

/** Logs nothing: the log keeps everything, and anyone can request links for any address. */
export function requestLinks(
  { recipient }: RequestLinks,
  statements: Statements,
  journal: Journal,
): OutcomeByCommand['requestLinks'] {
  const waiting = statements.linkRequestCount.get()?.count ?? 0;
  const letter = { recipient, allowance: 'links', seq: null } as const;
  if (waiting < LINK_REQUESTS_MAX && take(letter, statements, journal))
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
