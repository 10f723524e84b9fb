/** The result of a load test, and its text. */
import type { Percentiles } from '../crowd/percentiles.ts';
import type { Certificate } from '../domain/certificate.ts';
import { counted } from '../domain/counted.ts';
import type { Blueprint } from './blueprint.ts';
import { type CrashSummary, phases } from './crash.ts';
import type { Reason } from './decision.ts';
import type { Examination } from './examination.ts';
import type { Kind, Latencies } from './figures.ts';
import type { CrowdPlan } from './plan.ts';

export interface Report {
  verdict: 'GO' | 'NO GO';
  /** Empty: GO. */
  reasons: Reason[];
  drop: Omit<Blueprint, 'items'> & { units: number };
  /** `settings` are the environment variables passed to the server. */
  server: { runtime: string; synchronous: string; settings: Record<string, string> };
  crowd: CrowdPlan & {
    sent: number;
    /** Not sent, because no connection was free. */
    dropped: number;
    sentPerSecond: number;
    /** How late the load generator itself sent its requests. */
    latenessMs: Percentiles;
    /** Purchases whose outcome was unknown at first. */
    retried: number;
  };
  outcomes: Record<string, number>;
  latencyMs: Latencies;
  crash: CrashSummary;
  highestRateInBound: number | null;
  p99MaxMs: number;
  examination: Examination;
  /** Folder with the evidence; null if it was removed. */
  folder: string | null;
}

const milliseconds = (value: number): string => (value < 10 ? value.toFixed(1) : value.toFixed(0));
const secondsText = (ms: number | null): string => (ms === null ? 'never' : `${(ms / 1000).toFixed(1)} s`);
const row = (cells: readonly string[]): string =>
  cells.map((cell, index) => (index === 0 ? cell.padEnd(24) : cell.padStart(9))).join('');

const kindNames: Record<Kind, string> = { read: 'reads', purchase: 'purchases', payment: 'payments' };
const phaseNames = { before: 'before the crash', crash: 'in the crash', after: 'after it' } as const;

function latencyRows(latencies: Latencies): string[] {
  const cells = ({ p50, p95, p99, max, count }: Percentiles): string[] =>
    count === 0 ? ['-', '-', '-', '-', '0'] : [...[p50, p95, p99, max].map(milliseconds), String(count)];
  const rows = (['purchase', 'read', 'payment'] as const).flatMap((kind) =>
    phases.map((phase) => row([`${kindNames[kind]} ${phaseNames[phase]}`, ...cells(latencies[kind][phase])])),
  );
  return [row(['ms', 'p50', 'p95', 'p99', 'max', 'count']), ...rows];
}

function certificateLine(certificate: Certificate | null): string {
  if (certificate === null) return 'none: the database could not be read';
  const { items, log, violations } = certificate;
  const units = (kind: 'stock' | 'held' | 'sold'): number => items.reduce((sum, item) => sum + item[kind], 0);
  const state = violations.length === 0 ? 'clean' : counted(violations.length, 'finding');
  return `${state}: ${units('held')} held and ${units('sold')} sold of ${units('stock')}, ${counted(log.events, 'event')} in the log`;
}

/**
 * Omits PATH and HOME, which don't affect the server's speed, and SYNCHRONOUS, which is shown as
 * measured.
 */
const settingsText = ({ PATH: _, HOME: __, SYNCHRONOUS: ___, ...settings }: Record<string, string>): string =>
  Object.entries(settings)
    .map(([name, value]) => `, ${name}=${value}`)
    .join('');

const limitText = (perCustomer: number | null): string =>
  perCustomer === null ? 'no limit' : `${perCustomer} for each customer`;

/** Notes on what the figures can't show. */
function notesOn({ latencyMs, server, crash }: Report): string[] {
  const notes: string[] = [];
  if (server.synchronous !== 'FULL') {
    notes.push(
      `With SYNCHRONOUS=${server.synchronous} a power failure can lose orders. Killing the process doesn't show this.`,
    );
  }
  if (latencyMs.purchase.after.count === 0 && crash.ordersAfterMs !== null) {
    notes.push(
      'All buyers arrived before the server had recovered. Use a lower --rate to measure the time after the crash.',
    );
  }
  return notes;
}

/** Returns the whole report, without a final line feed. */
export function reportText(report: Report): string {
  const { drop, server, crowd, outcomes, latencyMs, crash, highestRateInBound, examination } = report;
  const perSecond = (rate: number): string => `${Math.round(rate)} a second`;
  const counts = Object.entries(outcomes).sort(([, one], [, other]) => other - one);
  return [
    `Load test of ${drop.slug}: ${counted(drop.units, 'unit')}, ${limitText(drop.perCustomer)}, holds of ${drop.holdSeconds} s`,
    `Server       ${server.runtime}, SYNCHRONOUS=${server.synchronous}${settingsText(server.settings)}`,
    '',
    `Crowd        ${counted(crowd.buyers, 'buyer')} and ${counted(crowd.reads, 'read')} within ${crowd.seconds.toFixed(1)} s: ${perSecond(crowd.ratePerSecond)}`,
    `Sent         ${counted(crowd.sent, 'request')}, ${perSecond(crowd.sentPerSecond)}; ${crowd.dropped} not sent for lack of a free connection; the generator was late by a p99 of ${milliseconds(crowd.latenessMs.p99)} ms`,
    `Outcomes     ${counts.map(([outcome, count]) => `${count} ${outcome}`).join(', ')}`,
    `Crash        after ${secondsText(crash.atMs)}; first order after ${secondsText(crash.ordersAfterMs)}, all threads listening after ${secondsText(crash.listeningAfterMs)}, over after ${secondsText(crash.overAfterMs)}; ${counted(crowd.retried, 'purchase')} retried`,
    `Best second  ${highestRateInBound === null ? 'none' : `${highestRateInBound} requests`} answered within ${report.p99MaxMs} ms`,
    `Certificate  ${certificateLine(examination.certificate)}`,
    '',
    ...latencyRows(latencyMs),
    'Latency is measured from the time a request was due.',
    '',
    ...notesOn(report),
    ...(report.folder === null ? [] : [`The evidence is kept in ${report.folder}`]),
    report.verdict,
    ...report.reasons.map(({ detail }) => `  - ${detail}`),
  ].join('\n');
}
