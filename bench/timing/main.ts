/**
 * Tests whether the time of a refusal reveals how close a guessed token was: Welch's t between
 * early and late mismatches.
 */
import { createHash } from 'node:crypto';
import { operatorByHash, tokenHash } from '../../src/http/admin-auth.ts';
import { isSameText } from '../../src/http/session.ts';
import { createIds } from '../../src/ids/ids.ts';

const samples = 40_000;
const callsPerSample = 20;
/** Above this, the difference is real; below, this many samples don't show one. */
const tellingT = 4.5;
/** Two closures over the same code differ by this much from run to run, in either direction. */
const closureNs = 3;
/** The slowest samples were interrupted by the system, and say nothing about the code. */
const keptShare = 0.95;

interface Guess {
  name: string;
  early: () => unknown;
  late: () => unknown;
}

const ids = createIds('a-secret-of-thirty-two-characters');
const orderId = ids.order({ dropId: 1, orderId: 1 });
const token = ids.orderToken(orderId);
/**
 * Built from bytes, so that all guesses have the same memory layout: a concatenated string is read
 * at another speed.
 */
function wrongAt(text: string, index: number): string {
  const bytes = Buffer.from(text);
  bytes[index] = text[index] === 'A' ? 0x42 : 0x41;
  return bytes.toString();
}

const adminToken = 'an-operator-token-of-some-length';
const adminTokenHash = tokenHash(adminToken);
const store = { reads: { operatorByTokenHash: () => undefined } };
const operator = operatorByHash({ db: store as never, adminTokenHash });
const [farHash, nearHash] = [Buffer.from(adminTokenHash), Buffer.from(adminTokenHash)];
farHash[0] = (farHash[0] ?? 0) ^ 255;
nearHash[31] = (nearHash[31] ?? 0) ^ 255;
const seal = createHash('sha256').update('seal').digest('base64url');

const pair = (name: string, text: string, ask: (guess: string) => unknown): Guess => {
  const [early, late] = [wrongAt(text, 0), wrongAt(text, text.length - 1)];
  return { name, early: () => ask(early), late: () => ask(late) };
};

/** A plain string comparison, to show that this measurement can detect a leak. */
const long = 'x'.repeat(4_096);
const plain = (expected: string, given: string): boolean => {
  for (let index = 0; index < expected.length; index += 1) if (expected[index] !== given[index]) return false;
  return true;
};

const guesses: readonly Guess[] = [
  pair('a plain comparison (must be detected)', long, (guess) => plain(long, guess)),
  pair('order token', token, (guess) => ids.isOrderToken(orderId, guess)),
  pair('session seal', seal, (guess) => isSameText(seal, guess)),
  pair('ADMIN_TOKEN', adminToken, (guess) => operator(tokenHash(guess))),
  { name: 'hash of ADMIN_TOKEN', early: () => operator(farHash), late: () => operator(nearHash) },
];

function nanosecondsOf(ask: () => unknown): number {
  const begun = process.hrtime.bigint();
  for (let call = 0; call < callsPerSample; call += 1) ask();
  return Number(process.hrtime.bigint() - begun) / callsPerSample;
}

function summary(all: number[]): { mean: number; variance: number; count: number } {
  const kept = all.sort((one, other) => one - other).slice(0, Math.floor(all.length * keptShare));
  const mean = kept.reduce((sum, value) => sum + value, 0) / kept.length;
  const variance = kept.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (kept.length - 1);
  return { mean, variance, count: kept.length };
}

process.stdout.write(`${process.version}, ${samples} samples of ${callsPerSample} calls each way\n`);
for (const { name, early, late } of guesses) {
  const times = { early: [] as number[], late: [] as number[] };
  for (let sample = -1_000; sample < samples; sample += 1) {
    // In random order, so that outside changes affect both alike.
    const first = Math.random() < 0.5 ? ('early' as const) : ('late' as const);
    for (const which of [first, first === 'early' ? ('late' as const) : ('early' as const)]) {
      const nanoseconds = nanosecondsOf(which === 'early' ? early : late);
      if (sample >= 0) times[which].push(nanoseconds);
    }
  }
  const [one, other] = [summary(times.early), summary(times.late)];
  const difference = other.mean - one.mean;
  const t = difference / Math.sqrt(one.variance / one.count + other.variance / other.count);
  const isLogged = Math.abs(t) > tellingT && Math.abs(difference) > closureNs;
  const verdict = isLogged ? 'DETECTED' : 'not detected';
  process.stdout.write(
    `${name.padEnd(44)} ${one.mean.toFixed(1).padStart(8)} ns  ${difference.toFixed(2).padStart(9)} ns more if late  t ${t.toFixed(1).padStart(7)}  ${verdict}\n`,
  );
}
