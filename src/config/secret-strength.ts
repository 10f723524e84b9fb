/** Estimates how hard a secret is to guess, to reject repetitions, sequences and placeholders. */

/** Words of placeholders; three of them are easier to guess than a few random letters. */
const words = (
  'changeme change replace secret password passwd admin token default example placeholder ' +
  'sample dummy insert please letmein welcome stampede server value production staging ' +
  'development local master super shop test demo your this random string character least here ' +
  'todo with some long none null key'
).split(' ');
const wordPattern = new RegExp(
  words
    .toSorted((one, other) => other.length - one.length)
    .map((word) => `[^a-z0-9]?${word}[^a-z0-9]?`)
    .join('|'),
  'g',
);
/** Replaces a word. */
const MARK = '\u0000';

/** Common sequences. */
const rows = ['0123456789', '1234567890', 'abcdefghijklmnopqrstuvwxyz', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm'];
const stepIn = (row: string, from: string, to: string): number | null =>
  row.includes(from) && row.includes(to) ? row.indexOf(to) - row.indexOf(from) : null;
/** Whether three characters are the same, or continue a sequence in one direction. */
const isRun = (one: string, two: string, three: string): boolean =>
  (one === two && two === three) ||
  rows.some((row) => {
    const step = stepIn(row, one, two);
    return (step === 1 || step === -1) && step === stepIn(row, two, three);
  });

const LOOK_BACK = 3;
/** Whether this character continues a repetition: only the first round of a repetition counts. */
function isRepeated(text: string, at: number): boolean {
  if (at < LOOK_BACK) return false;
  const ended = text.slice(at - LOOK_BACK, at + 1);
  return text.indexOf(ended) < at - LOOK_BACK;
}

const alphabets: readonly (readonly [only: RegExp, size: number])[] = [
  [/^\d*$/, 10],
  [/^[\da-f]*$|^[\dA-F]*$/, 16],
  [/^[a-z]*$|^[A-Z]*$/, 26],
  [/^[a-z\d]*$|^[A-Z\d]*$/, 36],
  [/^[A-Za-z\d]*$/, 62],
  [/^/, 94],
];

function bitsOf(text: string): number {
  const size = alphabets.find(([only]) => only.test(text))?.[1] ?? 1;
  const bitsEach = Math.log2(Math.min(size, 2 * new Set(text).size));
  const plain = text.toLowerCase().replaceAll(wordPattern, MARK);
  let surprises = 0;
  for (let at = 0; at < plain.length; at += 1) {
    const [one = '', two = '', three = ''] = plain.slice(Math.max(0, at - 2), at + 1);
    const isForeseen = plain[at] === MARK || (at > 1 && isRun(one, two, three)) || isRepeated(plain, at);
    if (!isForeseen) surprises += 1;
  }
  return surprises * bitsEach;
}

/** An estimate in bits, far below the entropy of a random secret. */
export const guessingBits = (secret: string): number =>
  // Doubled letters hide a sequence.
  Math.min(bitsOf(secret), bitsOf(secret.replaceAll(/(.)\1+/gu, '$1')));
