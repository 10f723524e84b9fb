/** GO or NO GO: every reason against running a drop on this machine. */
import type { CrashSummary } from './crash.ts';
import type { Examination } from './examination.ts';
import type { Latencies } from './figures.ts';

/** Part of the requested rate that must actually have been sent. */
const sentPartMin = 0.95;
/** Part of the purchases that may be refused as overloaded. */
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

/** The results of a load test. */
export interface LoadTestResults {
  /** Maximum p99 of purchases outside the crash. */
  p99MaxMs: number;
  plannedPerSecond: number;
  sentPerSecond: number;
  purchases: number;
  overloaded: number;
  latencies: Latencies;
  crash: CrashSummary;
  /** Why the server did not restart; null if it did. */
  restartFailure: string | null;
  errors: number;
  errorSamples: readonly string[];
  /** Exit code of the last stop; null if the server had to be killed. */
  stopCode: number | null;
  examination: Examination;
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const percent = (part: number): string => `${(part * 100).toFixed(1)} %`;

/** Joins the first few, with the total count. */
function listed(count: number, all: readonly string[]): string {
  const shown = all.slice(0, examplesMax).join('; ');
  return count > examplesMax ? `${shown}; ${count} in all` : shown;
}

function* brokenPromises({ findings, oversold, overLimit, certificate }: Examination): Generator<Reason> {
  const found = (code: Reason['code'], what: string, all: readonly string[]): Reason[] =>
    all.length === 0 ? [] : [{ code, detail: `${what}: ${listed(all.length, all)}` }];
  yield* found('orders', 'The database differs from the answers to buyers', findings);
  yield* found('oversold', 'More units were sold than there were', oversold);
  yield* found('customer_limit', 'A customer has more units than the limit', overLimit);
  yield* found(
    'certificate',
    'The certificate is not clean',
    certificate === null ? ['there is none'] : certificate.violations,
  );
}

function* slowness({ latencies, p99MaxMs }: LoadTestResults): Generator<Reason> {
  for (const phase of ['before', 'after'] as const) {
    const { p99 } = latencies.purchase[phase];
    if (p99 <= p99MaxMs) continue;
    const detail = `Purchases were slow: 1 of 100 took ${p99.toFixed(0)} ms or more ${phase} the crash; the limit is ${p99MaxMs} ms.`;
    yield { code: 'slow', detail };
  }
}

function* restartFaults({ crash, restartFailure }: LoadTestResults): Generator<Reason> {
  const { ordersAfterMs } = crash;
  if (restartFailure !== null)
    yield { code: 'restart', detail: `The server did not restart: ${restartFailure}` };
  else if (ordersAfterMs === null) {
    yield { code: 'restart', detail: 'After the crash, no purchase was answered.' };
  } else if (ordersAfterMs > restartMaxMs) {
    const detail = `After the crash, the first order was accepted after ${seconds(ordersAfterMs)}; the limit is ${seconds(restartMaxMs)}.`;
    yield { code: 'restart', detail };
  }
}

function* serverFaults(results: LoadTestResults): Generator<Reason> {
  const { purchases, overloaded, errors, errorSamples, stopCode } = results;
  if (overloaded > purchases * overloadedPartMax) {
    const detail = `${overloaded} of ${purchases} purchases (${percent(overloaded / purchases)}) were refused as overloaded.`;
    yield { code: 'overloaded', detail };
  }
  if (errors > 0) yield { code: 'errors', detail: `Outside the crash ${listed(errors, errorSamples)}` };
  if (stopCode !== 0) {
    const how = stopCode === null ? 'had to be killed' : `ended with ${stopCode}`;
    yield { code: 'stop', detail: `The server ${how} after SIGTERM.` };
  }
}

function* slowCrowd({ plannedPerSecond, sentPerSecond }: LoadTestResults): Generator<Reason> {
  const part = sentPerSecond / plannedPerSecond;
  if (part >= sentPartMin) return;
  const detail =
    `Only ${percent(part)} of the crowd's requests were sent in time: this machine can't run the server and generate this load. ` +
    'The result says nothing about the server. Use a lower --rate.';
  yield { code: 'crowd', detail };
}

/** Returns the reasons against the drop; none means GO. */
export const reasonsAgainst = (results: LoadTestResults): Reason[] => [
  ...brokenPromises(results.examination),
  ...slowness(results),
  ...restartFaults(results),
  ...serverFaults(results),
  ...slowCrowd(results),
];
