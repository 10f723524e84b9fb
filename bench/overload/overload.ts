/**
 * The process that sends more purchases than the server can serve, on schedule, however slow the
 * server is.
 */
import { constants, setPriority } from 'node:os';
import { OpenLoop } from '../../src/crowd/open-loop.ts';
import { histogram, percentilesOf, record } from '../../src/crowd/percentiles.ts';
import { AcknowledgedLog } from '../load/acknowledged.ts';
import { judgePurchase } from '../load/outcomes.ts';
import { plainMix, Requests } from '../load/requests.ts';
import { answerPlan } from '../rounds/plan-process.ts';
import type { OverloadPlan, OverloadResult } from './overload-protocol.ts';

async function offer(plan: OverloadPlan, onOffered: () => void): Promise<OverloadResult> {
  const { target, arrivals } = plan;
  const loop = await OpenLoop.open({ host: target.host, port: target.port, arrivals, pool: plan });
  const log = new AcknowledgedLog(plan.acknowledgedFile);
  const requests = new Requests(target, plainMix);
  const answered = { held: histogram(), shed: histogram(), soldOut: histogram() };
  const lateness = histogram();
  const counts = { held: 0, shed: 0, soldOut: 0, errors: 0, dropped: 0 };
  let open = 0;

  await loop.send((connection, dueMs) => {
    if (connection === undefined) {
      counts.dropped += 1;
      return;
    }
    record(lateness, performance.now() - dueMs);
    const request = requests.purchase();
    open += 1;
    connection.send(request.text, (answer) => {
      open -= 1;
      const judged = judgePurchase(request, answer);
      log.enter(judged);
      const outcome = judged.outcome === 'sold_out' ? 'soldOut' : judged.outcome;
      if (outcome === 'held' || outcome === 'shed' || outcome === 'soldOut') {
        record(answered[outcome], performance.now() - dueMs);
        counts[outcome] += 1;
      } else counts.errors += 1;
      loop.pool.give(connection);
    });
  });
  const offeredMs = performance.now() - loop.startMs;
  onOffered();
  await loop.settle(() => open === 0);
  loop.close();
  await log.close();
  return {
    offered: loop.count,
    offeredMs,
    ...counts,
    unknown: log.unknown,
    errorSamples: log.errorSamples,
    heldMs: percentilesOf(answered.held),
    shedMs: percentilesOf(answered.shed),
    soldOutMs: percentilesOf(answered.soldOut),
    latenessMs: percentilesOf(lateness),
  };
}

// A real crowd has its own machines, so the generator must not take the server's processor time.
setPriority(constants.priority.PRIORITY_LOW);
answerPlan((plan: OverloadPlan, report: (event: 'offered') => void) => offer(plan, () => report('offered')));
