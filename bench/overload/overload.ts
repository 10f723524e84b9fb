/**
 * The process that sends more purchases than the server can serve: on time, whatever the server
 * does.
 */
import { constants, setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { scheduleArrivals } from '../../src/crowd/arrivals.ts';
import { ConnectionPool } from '../../src/crowd/connection-pool.ts';
import { HttpConnection } from '../../src/crowd/http-connection.ts';
import { startOnTime } from '../../src/crowd/pacing.ts';
import { histogram, percentilesOf, record } from '../../src/crowd/percentiles.ts';
import { Ledger } from '../load/ledger.ts';
import { judgePurchase } from '../load/outcomes.ts';
import { plainMix, Requests } from '../load/requests.ts';
import type { OverloadPlan, OverloadResult } from './overload-protocol.ts';

const START_DELAY_MS = 100;
const ANSWER_DEADLINE_MS = 30_000;

async function offer(plan: OverloadPlan): Promise<OverloadResult> {
  const { target } = plan;
  const arrivals = scheduleArrivals(plan.arrivals);
  const pool = await ConnectionPool.open(() => new HttpConnection(target.host, target.port), plan);
  const ledger = new Ledger(plan.acknowledgedFile);
  const requests = new Requests(target, plainMix);
  const answered = { held: histogram(), shed: histogram(), soldOut: histogram() };
  const lateness = histogram();
  const counts = { held: 0, shed: 0, soldOut: 0, errors: 0, dropped: 0 };
  let open = 0;
  const startMs = performance.now() + START_DELAY_MS;

  const start = (index: number): void => {
    const connection = pool.take();
    if (connection === undefined) {
      counts.dropped += 1;
      return;
    }
    const dueMs = startMs + (arrivals.dueMs[index] ?? 0);
    record(lateness, performance.now() - dueMs);
    const asked = requests.purchase();
    open += 1;
    connection.send(asked.text, (answer) => {
      open -= 1;
      const verdict = judgePurchase(asked, answer);
      ledger.enter(verdict);
      const outcome = verdict.outcome === 'sold_out' ? 'soldOut' : verdict.outcome;
      if (outcome === 'held' || outcome === 'shed' || outcome === 'soldOut') {
        record(answered[outcome], performance.now() - dueMs);
        counts[outcome] += 1;
      } else counts.errors += 1;
      pool.give(connection);
    });
  };

  const sweeper = setInterval(() => pool.expire(ANSWER_DEADLINE_MS), 1_000);
  await startOnTime(arrivals.dueMs, startMs, start);
  const offeredMs = performance.now() - startMs;
  process.send?.({ kind: 'offered' });
  while (open > 0) await sleep(5);
  clearInterval(sweeper);
  pool.close();
  await ledger.close();
  return {
    offered: arrivals.count,
    offeredMs,
    ...counts,
    unknown: ledger.unknown,
    errorSamples: ledger.errorSamples,
    heldMs: percentilesOf(answered.held),
    shedMs: percentilesOf(answered.shed),
    soldOutMs: percentilesOf(answered.soldOut),
    latenessMs: percentilesOf(lateness),
  };
}

process.once('message', async (plan: OverloadPlan) => {
  // A real crowd has its own machines, so the generator must not take the server's processor time.
  setPriority(constants.priority.PRIORITY_LOW);
  const result = await offer(plan);
  process.send?.({ kind: 'result', result }, () => process.exit(0));
});
