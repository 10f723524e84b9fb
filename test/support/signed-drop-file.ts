/** Edits and signs drop files, with the key or without it. */
import { createHash } from 'node:crypto';
import { type DropFileRules, signedText } from '../../src/database/move/drop-file.ts';
import { brokenRule } from '../../src/http/moved-row.ts';
import { createIds } from '../../src/ids/ids.ts';

export const signWith =
  (secretKey: string) =>
  (text: string): string =>
    createIds(secretKey).seal('drop file', text);
export const sign = signWith('a-secret-of-thirty-two-characters');

export const apiRules: DropFileRules = { sign, brokenRule };
/** Rules for rows of stores whose customers are plain names. */
export const anyRow: DropFileRules = { sign, brokenRule: () => null };

/** The file with its lines changed, and with a new count, checksum and signature. */
export function editedFile(
  text: string,
  edit: (line: string) => string,
  signature: ((text: string) => string) | null = sign,
): string {
  const lines = text.trimEnd().split('\n').slice(0, -1).map(edit);
  const reported = lines.map((line) => `${line}\n`).join('');
  const whole = { rows: lines.length - 1, sha256: createHash('sha256').update(reported).digest('hex') };
  const end = signature ? { ...whole, signature: signature(signedText(whole)) } : whole;
  return `${reported}${JSON.stringify(end)}\n`;
}
