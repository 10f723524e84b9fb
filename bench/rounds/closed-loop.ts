/**
 * A closed loop: each connection sends its next request as soon as it has its answer, for a fixed
 * time.
 */
import { ConnectionPool } from '../../src/crowd/connection-pool.ts';
import { HttpConnection } from '../../src/crowd/http-connection.ts';
import { histogram } from '../../src/crowd/percentiles.ts';
import { spread } from '../../src/crowd/request-text.ts';
import { AcknowledgedLog } from '../load/acknowledged.ts';
import { type Judged, judgePurchase, judgeRead, type Outcome } from '../load/outcomes.ts';
import { type Mix, plainMix, Requests, type Target } from '../load/requests.ts';

/** The requests: this share of them reads, the others buy. */
export interface Ask extends Partial<Pick<Mix, 'reads' | 'hotShare'>> {
  readShare: number;
}

export interface ClosedPlan {
  target: Target;
  ask: Ask;
  connections: number;
  /** Not measured; compiles the hot code of client and server. */
  warmUpMs: number;
  measuredMs: number;
  acknowledgedFile: string;
}

export interface ClosedResult {
  /** Answers within the measured time. */
  requests: number;
  measuredMs: number;
  /** From sending a request to its answer, within the measured time. */
  p50Ms: number;
  p99Ms: number;
  /** Answers of the whole run. */
  outcomes: Partial<Record<Outcome, number>>;
  unknown: number;
  errorSamples: string[];
  /** The client's processor time as a part of one core, over the measured time. */
  clientCores: number;
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Runs the loop to its end. Rejects if the server is unreachable or breaks the protocol. Calls
 * `onMeasured` at both edges of the measured time.
 */
export async function runClosedLoop(
  plan: ClosedPlan,
  onMeasured: (edge: 'begin' | 'end') => void,
): Promise<ClosedResult> {
  const { target, ask } = plan;
  const log = new AcknowledgedLog(plan.acknowledgedFile);
  const outcomes: ClosedResult['outcomes'] = {};
  const pool = await ConnectionPool.open(() => new HttpConnection(target.host, target.port), {
    connections: plan.connections,
    connectionsMax: plan.connections,
  });
  const { readShare, ...mix } = ask;
  const requests = new Requests(target, { ...plainMix, ...mix });
  const latencies = histogram();
  let isRunning = true;
  let answers = 0;
  let index = 0;

  const loop = (connection: HttpConnection): Promise<void> =>
    new Promise((resolve) => {
      let sentMs = 0;
      const settle = (judged: Judged): void => {
        answers += 1;
        latencies.recordValue(Math.round((performance.now() - sentMs) * 1000));
        outcomes[judged.outcome] = (outcomes[judged.outcome] ?? 0) + 1;
        log.enter(judged);
        if (isRunning) next();
        else resolve();
      };
      const next = (): void => {
        index += 1;
        sentMs = performance.now();
        if (spread(index) < readShare) {
          // Spread evenly, the same in every run.
          connection.send(requests.read(), (answer) => settle(judgeRead(answer)));
        } else {
          const asked = requests.purchase();
          connection.send(asked.text, (answer) => settle(judgePurchase(asked, answer)));
        }
      };
      next();
    });

  const all = Array.from({ length: plan.connections }, () => pool.take()).filter(
    (connection) => connection !== undefined,
  );
  const loops = Promise.all(all.map(loop));
  await wait(plan.warmUpMs);
  onMeasured('begin');
  latencies.reset();
  const [before, cpuBefore, fromMs] = [answers, process.cpuUsage(), performance.now()];
  await wait(plan.measuredMs);
  const measuredMs = performance.now() - fromMs;
  const answered = answers - before;
  const cpu = process.cpuUsage(cpuBefore);
  const [p50Ms, p99Ms] = [50, 99].map((at) => latencies.getValueAtPercentile(at) / 1000);
  onMeasured('end');
  isRunning = false;
  await loops;
  pool.close();
  await log.close();
  return {
    requests: answered,
    measuredMs,
    p50Ms: p50Ms ?? 0,
    p99Ms: p99Ms ?? 0,
    outcomes,
    unknown: log.unknown,
    errorSamples: log.errorSamples,
    clientCores: (cpu.user + cpu.system) / 1000 / measuredMs,
  };
}
