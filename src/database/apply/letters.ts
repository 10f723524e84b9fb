/** Bounds how many letters one recipient gets in an hour, on disk, so that a restart keeps the count. */

import { LETTERS_MAX, LETTERS_WINDOW_MS } from '../../delivery-limits.ts';
import type { LetterAllowance, RequestLinks, TakeLetter } from '../../domain/delivery-command.ts';
import type { OutcomeByCommand } from '../../domain/outcome.ts';
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

export function requestLinks(
  { recipient, order }: RequestLinks,
  statements: Statements,
  journal: Journal,
): OutcomeByCommand['requestLinks'] {
  const letter = { recipient, allowance: 'links', seq: null } as const;
  if (take(letter, statements, journal)) {
    const { id: orderId, dropId } = order ?? {};
    const ofOrder = orderId === undefined ? {} : { orderId };
    journal.log({ kind: 'links_requested', actor: 'customer', dropId: dropId ?? null, ...ofOrder });
  }
  return { kind: 'done' };
}
