/**
 * Sends the planned arrivals on schedule, however slow the server is, and measures the outcomes.
 */
import { OpenLoop, START_DELAY_MS } from '../../src/crowd/open-loop.ts';
import { AcknowledgedLog } from './acknowledged.ts';
import type { GeneratorPlan, GeneratorResult, Progress } from './generator-protocol.ts';
import { Measurements, type RequestKind } from './measurements.ts';
import { type Judged, judgePayment, judgePurchase, judgeRead } from './outcomes.ts';
import { Requests } from './requests.ts';

/**
 * Runs the plan to its last answer. Rejects if the server is unreachable or breaks the protocol.
 */
export async function generate(
  plan: GeneratorPlan,
  report: (progress: Progress) => void,
): Promise<GeneratorResult> {
  const { target, arrivals, pool: size } = plan;
  const loop = await OpenLoop.open({ host: target.host, port: target.port, arrivals, pool: size });
  const { pool, startMs } = loop;
  const cpuBefore = process.cpuUsage();
  const log = new AcknowledgedLog(plan.acknowledgedFile);
  const measurements = new Measurements();
  const requests = new Requests(target, plan.mix);
  const unpaid: string[] = [];
  const series: Progress[] = [];
  let lastAnswerMs = startMs;

  // Spreads payments evenly: for a share of one third, every third write.
  let paymentsDue = 0;
  const isPayment = (): boolean => {
    paymentsDue += plan.payShare;
    if (paymentsDue < 1) return false;
    paymentsDue -= 1;
    return true;
  };

  const reporter = setInterval(() => {
    const progress = { elapsedMs: performance.now() - startMs, ...measurements.progress() };
    series.push(progress);
    report(progress);
  }, plan.progressEveryMs);
  await loop.send((connection, dueMs, isRead) => {
    if (connection === undefined) {
      measurements.recordDropped();
      return;
    }
    const finish = (kind: RequestKind, judged: Judged): void => {
      lastAnswerMs = performance.now();
      measurements.recordDone(kind, judged.outcome, lastAnswerMs - dueMs);
      log.enter(judged);
      if (plan.payShare > 0 && judged.outcome === 'held' && judged.order) unpaid.push(judged.order.id);
      pool.give(connection);
    };
    measurements.recordStarted(performance.now() - dueMs);
    if (isRead) {
      connection.send(requests.read(), (answer) => finish('read', judgeRead(answer)));
      return;
    }
    const orderId = isPayment() ? unpaid.shift() : undefined;
    if (orderId !== undefined) {
      connection.send(requests.payment(orderId), (answer) => finish('payment', judgePayment(answer)));
      return;
    }
    const request = requests.purchase();
    connection.send(request.text, (answer) => finish('purchase', judgePurchase(request, answer)));
  });
  await loop.settle(() => measurements.settled === loop.count);
  clearInterval(reporter);

  const cpu = process.cpuUsage(cpuBefore);
  const cpuMs = (cpu.user + cpu.system) / 1000;
  loop.close();
  await log.close();
  return {
    ...measurements.summary(),
    elapsedMs: lastAnswerMs - startMs,
    series,
    connections: pool.size,
    acknowledged: log.acknowledged,
    unknown: log.unknown,
    lockErrors: log.lockErrors,
    errorSamples: log.errorSamples,
    generatorCores: cpuMs / (lastAnswerMs - startMs + START_DELAY_MS),
  };
}
