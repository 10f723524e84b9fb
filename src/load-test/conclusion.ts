/** Builds the report of a load test from the crowd's figures and the database. */
import type { Ledger } from '../crowd/ledger.ts';
import { unitsOf } from './blueprint.ts';
import type { Crash } from './crash.ts';
import type { CrowdRun } from './crowd.ts';
import { reasonsAgainst } from './decision.ts';
import type { Examination } from './examination.ts';
import type { Figures } from './figures.ts';
import type { LoadTestSettings } from './load-test.ts';
import type { Report } from './report.ts';
import { settingsOf } from './server-under-test.ts';

/** The results of a finished load test. */
export interface Finished {
  run: CrowdRun;
  figures: Figures;
  crash: Crash;
  ledger: Ledger;
  examination: Examination;
  /** Null: the server restarted. */
  restartFailure: string | null;
  /** Null: the server had to be killed. */
  stopCode: number | null;
  synchronous: string;
  /** Folder with the evidence. */
  folder: string;
}

export function conclude(settings: LoadTestSettings, finished: Finished): Report {
  const { blueprint, plan, p99MaxMs, environment, runtime, keep } = settings;
  const { run, figures, crash, ledger, examination, restartFailure, stopCode } = finished;
  const purchases = ledger.calls().filter(({ invoked }) => invoked.call === 'purchase');
  const refusedAsOverloaded = purchases.filter(
    ({ result }) => result?.kind === 'refused' && result.code === 'overloaded',
  );
  const plannedMs = plan.seconds * 1000;
  const sentPerSecond = (figures.sent / Math.max(plannedMs, run.sendingMs)) * 1000;
  const latencies = figures.latencies();
  const crashSummary = crash.summary(run.startMs);
  const reasons = reasonsAgainst({
    p99MaxMs,
    plannedPerSecond: plan.ratePerSecond,
    sentPerSecond,
    purchases: purchases.length,
    overloaded: refusedAsOverloaded.length,
    latencies,
    crash: crashSummary,
    restartFailure,
    errors: figures.errors,
    errorSamples: figures.errorSamples,
    stopCode,
    examination,
  });
  const { items: _, ...terms } = blueprint;
  const { sent, dropped, latenessMs, retried } = figures;
  return {
    verdict: reasons.length === 0 ? 'GO' : 'NO GO',
    reasons,
    drop: { ...terms, units: unitsOf(blueprint) },
    server: { runtime, synchronous: finished.synchronous, settings: settingsOf(environment) },
    crowd: { ...plan, sent, dropped, sentPerSecond, latenessMs, retried },
    outcomes: Object.fromEntries(figures.outcomes),
    latencyMs: latencies,
    crash: crashSummary,
    highestRateInBound: figures.highestRateInBound,
    p99MaxMs,
    examination,
    folder: keep ? finished.folder : null,
  };
}
