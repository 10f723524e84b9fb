/** The kill test: load, kill -9, restart, replay, judge, again and again on one file. */

import type { Call } from '../../src/crowd/ledger.ts';
import type { RuntimeName } from '../support/server-process.ts';
import { KillRun } from './kill-run.ts';
import { wholeBetween } from './random.ts';
import type { Replays } from './replays.ts';

export interface KillOptions {
  rounds: number;
  runtime: RuntimeName;
  seed: number;
}

export interface RoundReport extends Replays {
  round: number;
  /** From the first answer of the load to the kill. */
  killedAfterMs: number;
  /** Calls by what came back before the kill. */
  acknowledged: number;
  refused: Record<string, number>;
  unknown: number;
  /** Processes killed while they started. */
  killedStarts: number;
  /** From the spawn after the kill to the log line `listening`. */
  restartMs: number;
  violations: string[];
}

export interface KillSummary {
  reports: RoundReport[];
  /** Of all rounds and of the graceful end. */
  violations: string[];
  /** Holds that ran out on the way. */
  expired: number;
  /** Ledger and database; gone where nothing was found. */
  folder: string;
}

const loadMs = { min: 20, max: 400 };
/** Every so many rounds the start after the kill is killed too. */
const roundsPerKilledStart = 5;
/** Which of these: a short run has one too. */
const killedStartAt = 2;
const killedStartsAtOnce = 3;

function countCalls(calls: readonly Call[]): Pick<RoundReport, 'acknowledged' | 'refused' | 'unknown'> {
  const refused: Record<string, number> = {};
  const counts = { acknowledged: 0, unknown: 0, refused };
  for (const { result } of calls) {
    if (result?.kind === 'ok') counts.acknowledged += 1;
    else if (result?.kind === 'refused') refused[result.code] = (refused[result.code] ?? 0) + 1;
    else counts.unknown += 1;
  }
  return counts;
}

/** Takes the running server down under load, and brings another up on its file. */
async function killOnce(run: KillRun, round: number): Promise<RoundReport> {
  const killedAfterMs = wholeBetween(run.random, loadMs.min, loadMs.max);
  const { calls, findings } = await run.loadAndKill(`r${round}`, killedAfterMs);
  const counts = countCalls(calls);
  const killsStarts = round % roundsPerKilledStart === killedStartAt;
  const startFindings = killsStarts ? await run.killStarts() : [];
  const restartMs = await run.start();
  const { replayed, replayedDone, findings: replayFindings } = await run.replay(calls);
  return {
    round,
    killedAfterMs,
    ...counts,
    killedStarts: killsStarts ? killedStartsAtOnce : 0,
    restartMs,
    replayed,
    replayedDone,
    violations: [...findings, ...startFindings, ...replayFindings, ...run.judge()],
  };
}

/**
 * Runs the rounds on a new file and tells of each as it ends. Rejects where a server does not come up. The folder with
 * the ledger and the file stays where anything is wrong.
 */
export async function runKillRounds(
  { rounds, runtime, seed }: KillOptions,
  onRound?: (report: RoundReport) => void,
): Promise<KillSummary> {
  const run = new KillRun(runtime, seed);
  const reports: RoundReport[] = [];
  let isEvidence = true;
  try {
    await run.start();
    await run.openDrops();
    for (let round = 1; round <= rounds; round += 1) {
      const report = await killOnce(run, round);
      reports.push(report);
      onRound?.(report);
    }
    const violations = reports.flatMap((report) => report.violations);
    violations.push(...(await run.stop()), ...run.judge());
    // Where nobody bought, or everybody was answered, the kills have proven nothing.
    if (!reports.some(({ acknowledged }) => acknowledged > 0)) violations.push('nothing was acknowledged');
    if (!reports.some(({ replayed }) => replayed > 0)) violations.push('nothing was unknown after a kill');
    isEvidence = violations.length > 0;
    return { reports, violations, expired: run.countExpired(), folder: run.folder };
  } catch (error) {
    throw new Error(`The run broke off; its files are in ${run.folder}.`, { cause: error });
  } finally {
    await run.close(isEvidence);
  }
}
