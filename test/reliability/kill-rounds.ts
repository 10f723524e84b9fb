/** The kill test: load, kill -9, restart, replay, compare, repeatedly on one file. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Call } from '../../src/crowd/ledger.ts';
import { countCalls } from './count-calls.ts';
import { FaultRun, ids, type MachineRuntime } from './fault-run.ts';
import { killMigration, killStart } from './killed-starts.ts';
import { pick, wholeBetween } from './random.ts';
import { type Replays, replayKnown } from './replays.ts';
import { type CaseResult, runCase } from './run-case.ts';
import { ShopClient } from './shop-client.ts';

export interface KillOptions {
  rounds: number;
  runtime: MachineRuntime;
  seed: number;
}

export interface RoundReport extends Replays {
  round: number;
  /** Answers to the crowd before the kill. */
  killedAfterAnswers: number;
  /** Calls by outcome before the kill. */
  acknowledged: number;
  refused: Record<string, number>;
  unknown: number;
  /** Processes killed during their start. */
  killedStarts: number;
  /** From the spawn after the kill to the log line `listening`. */
  restartMs: number;
  violations: string[];
}

export interface KillSummary extends CaseResult {
  reports: readonly RoundReport[];
  /** Holds that expired meanwhile. */
  expired: number;
}

const SHOPPERS = 32;
/** Answers before a kill, not time, so that a slow machine is killed during as much work. */
const ANSWERS = { min: 1, max: 600 };
/** The maximum delay after the last answer, so that not every kill follows an answer. */
const KILL_DELAY_MS_MAX = 20;
/** Acknowledged purchases that are replayed after each kill. */
const KNOWN_REPLAYS = 15;
/** One of this many rounds kills the next start too. */
const ROUNDS_PER_KILLED_START = 5;
/** The first of these rounds: a short run has one too. */
const KILLED_START_AT = 2;
const EARLY_KILL_MS_MAX = 50;

const sum = (reports: readonly RoundReport[], count: (report: RoundReport) => number): number =>
  reports.reduce((total, report) => total + count(report), 0);

/** Starts shoppers and kills the server after this many answers; resolves to their calls. */
async function loadAndKill(run: FaultRun, answers: number): Promise<Call[]> {
  const callsBefore = run.ledger.calls().length;
  await run.drops.restock(run.server);
  const crowd = run.letIn(SHOPPERS);
  await Promise.race([crowd.shoppers.answered(answers), run.server.exited]);
  await sleep(run.random() * KILL_DELAY_MS_MAX);
  crowd.shoppers.stop();
  await run.server.kill();
  await crowd.end();
  const { code, signal } = await run.server.exited;
  run.expect(signal === 'SIGKILL', `the server ended by itself with ${code}: ${run.tail()}`);
  return run.ledger.calls().slice(callsBefore);
}

/**
 * Kills two starts on the file, one early and one at a random time, and one on a new file. Resolves
 * to their number.
 */
async function killStarts(run: FaultRun, startMs: number): Promise<number> {
  const upTo = (max: number): number => wholeBetween(run.random, 0, max);
  const kills = [
    () => killStart(run.options(), upTo(EARLY_KILL_MS_MAX)),
    () => killStart(run.options(), upTo(startMs)),
    () => killMigration(run.runtime, upTo(EARLY_KILL_MS_MAX)),
  ];
  let killed = 0;
  for (const kill of kills) {
    run.violations.push(...(await kill()));
    killed += 1;
    run.cases += 1;
  }
  return killed;
}

/** Starts a server; resolves to the milliseconds that it took. */
async function timeStart(run: FaultRun): Promise<number> {
  const begunMs = performance.now();
  await run.start();
  return Math.round(performance.now() - begunMs);
}

/** Replays some of all acknowledged purchases: the answers must be the same. */
async function askKnownAgain(run: FaultRun): Promise<void> {
  const client = new ShopClient(run.server.url, 1, run.ledger, ids.orderToken);
  const known = run.ledger
    .calls()
    .filter(({ invoked, result }) => invoked.call === 'purchase' && result?.kind === 'ok');
  const asked = Array.from({ length: Math.min(KNOWN_REPLAYS, known.length) }, () => pick(run.random, known));
  run.violations.push(...(await replayKnown(client, asked)));
  await client.close();
}

/** Kills the running server under load, and starts another on its file. */
async function killOnce(run: FaultRun, round: number, startMs: number): Promise<RoundReport> {
  const violationsBefore = run.violations.length;
  const killedAfterAnswers = wholeBetween(run.random, ANSWERS.min, ANSWERS.max);
  const calls = await loadAndKill(run, killedAfterAnswers);
  // Before the retries.
  const { ok: acknowledged = 0, unknown = 0, open = 0, ...refused } = countCalls(calls);
  const killsStarts = round % ROUNDS_PER_KILLED_START === KILLED_START_AT;
  const killedStarts = killsStarts ? await killStarts(run, startMs) : 0;
  const restartMs = await timeStart(run);
  const replays = await run.replay();
  await askKnownAgain(run);
  run.judge();
  run.cases += 1;
  return {
    round,
    killedAfterAnswers,
    acknowledged,
    refused,
    unknown: unknown + open,
    killedStarts,
    restartMs,
    ...replays,
    violations: run.violations.slice(violationsBefore),
  };
}

/** Runs the rounds on a new file and reports each as it ends. */
export async function runKillRounds(
  { rounds, runtime, seed }: KillOptions,
  onRound?: (report: RoundReport) => void,
): Promise<KillSummary> {
  const reports: RoundReport[] = [];
  let expired = 0;
  const results = await runCase('killed at random', new FaultRun(runtime, seed), async (run) => {
    let startMs = await timeStart(run);
    await run.drops.open(run.server);
    for (let round = 1; round <= rounds; round += 1) {
      const report = await killOnce(run, round, startMs);
      startMs = report.restartMs;
      reports.push(report);
      onRound?.(report);
    }
    await run.stop();
    run.judge();
    const acknowledged = sum(reports, (report) => report.acknowledged);
    const starts = sum(reports, ({ killedStarts }) => killedStarts);
    // Without purchases, or with only answered ones, the kills have proved nothing.
    run.expect(acknowledged > 0, 'nothing was acknowledged');
    run.expect(run.replayed > 0, 'nothing was unknown after a kill');
    expired = run.read("select 1 from orders where release_reason = 'expired'").length;
    return {
      counted: { crowdKills: reports.length, acknowledged, replayed: run.replayed, starts },
    };
  });
  return { ...results, reports, expired };
}
