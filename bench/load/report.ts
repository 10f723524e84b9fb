/** Formats a run's progress and figures for a terminal. */

import type { Percentiles } from '../../src/crowd/percentiles.ts';
import type { Progress } from './generator-protocol.ts';
import { outcomes } from './outcomes.ts';
import type { LoadReport } from './run.ts';

const milliseconds = (value: number): string => (value < 100 ? value.toFixed(2) : value.toFixed(0));
const columns = (percentiles: Percentiles): string[] =>
  [percentiles.p50, percentiles.p95, percentiles.p99, percentiles.p999, percentiles.max].map(milliseconds);
const row = (cells: readonly string[]): string =>
  cells.map((cell, index) => (index === 0 ? cell.padEnd(12) : cell.padStart(9))).join('');

const barCells = 20;

/** Returns one line, without a line feed. */
export function progressLine(progress: Progress, seconds: number): string {
  const { recentMs } = progress;
  const done = Math.min(barCells, Math.round((progress.elapsedMs / 1000 / seconds) * barCells));
  return (
    `${'#'.repeat(done)}${'.'.repeat(barCells - done)} ${(progress.elapsedMs / 1000).toFixed(0).padStart(3)} s  offered ${progress.offered}  done ${progress.done}` +
    `  dropped ${progress.dropped}  shed ${progress.shed}  errors ${progress.errors}` +
    `  p50 ${milliseconds(recentMs.p50)}  p95 ${milliseconds(recentMs.p95)}  p99 ${milliseconds(recentMs.p99)}` +
    `  max ${milliseconds(recentMs.max)} ms`
  );
}

/** Returns the whole report, with a final line feed. */
export function reportText({ contender, profile, folder, result, checks, passed }: LoadReport): string {
  const { latencyMs, latenessMs } = result;
  const perSecond = (result.done / (result.elapsedMs / 1000)).toFixed(0);
  return [
    `Profile ${profile.name} on ${contender}: ${profile.ratePerSecond}/s for ${profile.seconds} s, ` +
      `${Math.round(profile.readShare * 100)} % reads, arrivals of seed ${profile.randomSeed}`,
    `Folder ${folder}`,
    '',
    `offered ${result.offered}   done ${result.done} (${perSecond}/s)   dropped ${result.dropped}`,
    `outcomes    ${outcomes.map((outcome) => `${outcome} ${result.outcomes[outcome]}`).join('   ')}`,
    `connections ${profile.connections} before the run, ${result.connections} at its end, ${profile.connectionsMax} at most`,
    '',
    row(['ms', 'p50', 'p95', 'p99', 'p99.9', 'max', 'count']),
    row(['all', ...columns(latencyMs.all), String(latencyMs.all.count)]),
    row(['reads', ...columns(latencyMs.reads), String(latencyMs.reads.count)]),
    row(['writes', ...columns(latencyMs.writes), String(latencyMs.writes.count)]),
    ...(latencyMs.payments.count === 0
      ? []
      : [row(['payments', ...columns(latencyMs.payments), String(latencyMs.payments.count)])]),
    row(['lateness', ...columns(latenessMs), String(latenessMs.count)]),
    `Latency is measured from the time an arrival was due, so it includes the generator's lateness. The generator used ${(result.generatorCores * 100).toFixed(0)} % of a core.`,
    '',
    ...result.errorSamples.map((sample) => `error: ${sample}`),
    ...checks.map((each) => `${each.passed ? 'ok  ' : 'FAIL'} ${each.name} (${each.detail})`),
    '',
    passed ? 'passed' : 'FAILED',
    '',
  ].join('\n');
}
