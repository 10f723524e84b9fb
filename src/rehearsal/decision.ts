/** GO or NO GO: every reason that speaks against a drop on this machine, and nothing else. */
import type { CrashSummary } from './crash.ts';
import type { Examination } from './examination.ts';
import type { Latencies } from './figures.ts';

/** Of the rate that was asked for, so much must really have been sent. */
const sentPartMin = 0.95;
/** Of the purchases, so many may be refused as overloaded. */
const overloadedPartMax = 0.01;
const restartMaxMs = 10_000;
const examplesMax = 3;

export const reasonCodes = [
  'orders',
  'oversold',
  'customer_limit',
  'certificate',
  'slow',
  'overloaded',
  'restart',
  'errors',
  'stop',
  'crowd',
] as const;

export interface Reason {
  code: (typeof reasonCodes)[number];
  /** A sentence for the operator. */
  detail: string;
}

/** What a rehearsal has shown. */
export interface Shown {
  /** p99 of purchases may be so much outside the crash. */
  p99MaxMs: number;
  askedPerSecond: number;
  sentPerSecond: number;
  purchases: number;
  overloaded: number;
  latencies: Latencies;
  crash: CrashSummary;
  /** Why the server did not come back; null where it did. */
  restartFailure: string | null;
  errors: number;
  errorSamples: readonly string[];
  /** Of the last stop; null where it had to be killed. */
  stopCode: number | null;
  examination: Examination;
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const percent = (part: number): string => `${(part * 100).toFixed(1)} %`;

/** The first few, and how many there are. */
function listed(count: number, all: readonly string[]): string {
  const shown = all.slice(0, examplesMax).join('; ');
  return count > examplesMax ? `${shown}; ${count} in all` : shown;
}

function* promises({ findings, oversold, overLimit, certificate }: Examination): Generator<Reason> {
  const found = (code: Reason['code'], what: string, all: readonly string[]): Reason[] =>
    all.length === 0 ? [] : [{ code, detail: `${what}: ${listed(all.length, all)}` }];
  yield* found('orders', 'The database is not what buyers were told', findings);
  yield* found('oversold', 'More was sold than there was', oversold);
  yield* found('customer_limit', 'A customer has more than one may have', overLimit);
  yield* found(
    'certificate',
    'The certificate is not clean',
    certificate === null ? ['there is none'] : certificate.violations,
  );
}

function* speed({ latencies, p99MaxMs }: Shown): Generator<Reason> {
  for (const phase of ['before', 'after'] as const) {
    const { p99 } = latencies.purchase[phase];
    if (p99 <= p99MaxMs) continue;
    const detail = `Purchases were slow: 1 of 100 took ${p99.toFixed(0)} ms or more ${phase} the crash, and ${p99MaxMs} ms are the most.`;
    yield { code: 'slow', detail };
  }
}

function* restart({ crash, restartFailure }: Shown): Generator<Reason> {
  const { ordersAfterMs } = crash;
  if (restartFailure !== null)
    yield { code: 'restart', detail: `The server did not come back: ${restartFailure}` };
  else if (ordersAfterMs === null) {
    yield { code: 'restart', detail: 'After the crash no purchase was answered any more.' };
  } else if (ordersAfterMs > restartMaxMs) {
    const detail = `After the crash orders were taken again only after ${seconds(ordersAfterMs)}; ${seconds(restartMaxMs)} are the most.`;
    yield { code: 'restart', detail };
  }
}

function* ways(shown: Shown): Generator<Reason> {
  const { purchases, overloaded, errors, errorSamples, stopCode } = shown;
  if (overloaded > purchases * overloadedPartMax) {
    const detail = `${overloaded} of ${purchases} purchases (${percent(overloaded / purchases)}) were refused as overloaded.`;
    yield { code: 'overloaded', detail };
  }
  if (errors > 0) yield { code: 'errors', detail: `Outside the crash ${listed(errors, errorSamples)}` };
  if (stopCode !== 0) {
    const how = stopCode === null ? 'had to be killed' : `ended with ${stopCode}`;
    yield { code: 'stop', detail: `The server ${how} when it was told to stop.` };
  }
}

function* crowd({ askedPerSecond, sentPerSecond }: Shown): Generator<Reason> {
  const part = sentPerSecond / askedPerSecond;
  if (part >= sentPartMin) return;
  const detail =
    `Only ${percent(part)} of the crowd's requests were sent in time: this machine can't play such a crowd beside the server. ` +
    'That says nothing of the server: ask for a lower --rate.';
  yield { code: 'crowd', detail };
}

/** Empty: GO. */
export const reasonsAgainst = (shown: Shown): Reason[] => [
  ...promises(shown.examination),
  ...speed(shown),
  ...restart(shown),
  ...ways(shown),
  ...crowd(shown),
];
