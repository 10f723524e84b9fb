/** Sends the planned arrivals on time, whatever the server does, and measures the outcomes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { scheduleArrivals } from '../../src/crowd/arrivals.ts';
import { ConnectionPool } from '../../src/crowd/connection-pool.ts';
import { HttpConnection } from '../../src/crowd/http-connection.ts';
import { startOnTime } from '../../src/crowd/pacing.ts';
import type { GeneratorPlan, GeneratorResult, Progress } from './generator-protocol.ts';
import { Ledger } from './ledger.ts';
import { Measurements, type RequestKind } from './measurements.ts';
import { judgePayment, judgePurchase, judgeRead, type Verdict } from './outcomes.ts';
import { Requests } from './requests.ts';

const answerDeadlineMs = 30_000;
const sweepEveryMs = 1_000;
const startDelayMs = 100;

/**
 * Runs the plan to its last answer. Rejects if the server is unreachable or breaks the protocol.
 */
export async function generate(
  plan: GeneratorPlan,
  report: (progress: Progress) => void,
): Promise<GeneratorResult> {
  const { target } = plan;
  const arrivals = scheduleArrivals(plan.arrivals);
  const pool = await ConnectionPool.open(() => new HttpConnection(target.host, target.port), plan.pool);
  const ledger = new Ledger(plan.acknowledgedFile);
  const measurements = new Measurements();
  const requests = new Requests(target, plan.mix);
  const unpaid: string[] = [];
  const series: Progress[] = [];
  const cpuBefore = process.cpuUsage();
  const startMs = performance.now() + startDelayMs;
  let lastAnswerMs = startMs;

  // Spreads payments evenly: for a share of one third, every third write.
  let paymentsDue = 0;
  const isPayment = (): boolean => {
    paymentsDue += plan.payShare;
    if (paymentsDue < 1) return false;
    paymentsDue -= 1;
    return true;
  };

  const start = (index: number): void => {
    const connection = pool.take();
    if (connection === undefined) {
      measurements.recordDropped();
      return;
    }
    const dueMs = startMs + (arrivals.dueMs[index] ?? 0);
    const finish = (kind: RequestKind, verdict: Verdict): void => {
      lastAnswerMs = performance.now();
      measurements.recordDone(kind, verdict.outcome, lastAnswerMs - dueMs);
      ledger.enter(verdict);
      if (plan.payShare > 0 && verdict.outcome === 'held' && verdict.order) unpaid.push(verdict.order.id);
      pool.give(connection);
    };
    measurements.recordStarted(performance.now() - dueMs);
    if (arrivals.reads[index] === 1) {
      connection.send(requests.read(), (answer) => finish('read', judgeRead(answer)));
      return;
    }
    const orderId = isPayment() ? unpaid.shift() : undefined;
    if (orderId !== undefined) {
      connection.send(requests.payment(orderId), (answer) => finish('payment', judgePayment(answer)));
      return;
    }
    const asked = requests.purchase();
    connection.send(asked.text, (answer) => finish('purchase', judgePurchase(asked, answer)));
  };

  const sweeper = setInterval(() => pool.expire(answerDeadlineMs), sweepEveryMs);
  const reporter = setInterval(() => {
    const progress = { elapsedMs: performance.now() - startMs, ...measurements.progress() };
    series.push(progress);
    report(progress);
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
    series,
    connections: pool.size,
    acknowledged: ledger.acknowledged,
    unknown: ledger.unknown,
    lockErrors: ledger.lockErrors,
    errorSamples: ledger.errorSamples,
    generatorCores: cpuMs / (lastAnswerMs - startMs + startDelayMs),
  };
}
