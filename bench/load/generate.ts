/** Offers the planned arrivals to the server on time, whatever the server does, and measures what becomes of them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { scheduleArrivals } from './arrivals.ts';
import { ConnectionPool } from './connection-pool.ts';
import type { GeneratorPlan, GeneratorResult, Progress } from './generator-protocol.ts';
import { HttpConnection } from './http-connection.ts';
import { Ledger } from './ledger.ts';
import { Measurements } from './measurements.ts';
import { judgePurchase, judgeRead, type Verdict } from './outcomes.ts';
import { startOnTime } from './pacing.ts';
import { listRequest, purchaseRequest } from './requests.ts';

const answerDeadlineMs = 30_000;
const sweepEveryMs = 1_000;
const startDelayMs = 100;

/** Runs the plan to its last answer. Rejects if the server can't be reached or breaks the protocol. */
export async function generate(
  plan: GeneratorPlan,
  report: (progress: Progress) => void,
): Promise<GeneratorResult> {
  const { target } = plan;
  const arrivals = scheduleArrivals(plan.arrivals);
  const pool = await ConnectionPool.open(() => new HttpConnection(target.host, target.port), plan.pool);
  const ledger = new Ledger(plan.acknowledgedFile);
  const measurements = new Measurements();
  const list = listRequest(target);
  const cpuBefore = process.cpuUsage();
  const startMs = performance.now() + startDelayMs;
  let lastAnswerMs = startMs;

  const start = (index: number): void => {
    const connection = pool.take();
    if (connection === undefined) {
      measurements.recordDropped();
      return;
    }
    const dueMs = startMs + (arrivals.dueMs[index] ?? 0);
    const isRead = arrivals.reads[index] === 1;
    const finish = (verdict: Verdict): void => {
      lastAnswerMs = performance.now();
      measurements.recordDone(isRead, verdict.outcome, lastAnswerMs - dueMs);
      ledger.enter(verdict);
      pool.give(connection);
    };
    measurements.recordStarted(performance.now() - dueMs);
    if (isRead) {
      connection.send(list, (answer) => finish(judgeRead(answer)));
      return;
    }
    const asked = purchaseRequest(target, index);
    connection.send(asked.text, (answer) => finish(judgePurchase(asked, answer)));
  };

  const sweeper = setInterval(() => pool.expire(answerDeadlineMs), sweepEveryMs);
  const reporter = setInterval(() => {
    report({ elapsedMs: performance.now() - startMs, ...measurements.progress() });
  }, plan.progressEveryMs);
  await startOnTime(arrivals.dueMs, startMs, start);
  while (measurements.settled < arrivals.count) await sleep(10);
  clearInterval(sweeper);
  clearInterval(reporter);

  const cpu = process.cpuUsage(cpuBefore);
  const cpuMs = (cpu.user + cpu.system) / 1000;
  pool.close();
  await ledger.close();
  return {
    ...measurements.summary(),
    elapsedMs: lastAnswerMs - startMs,
    connections: pool.size,
    acknowledged: ledger.acknowledged,
    unknown: ledger.unknown,
    lockErrors: ledger.lockErrors,
    errorSamples: ledger.errorSamples,
    generatorCores: cpuMs / (lastAnswerMs - startMs + startDelayMs),
  };
}
