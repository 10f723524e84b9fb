/** Many isolates that read one drop at once, each with its own memory, as Workers have. */

import { edgeClock as clock } from '../../../src/edge/clock.ts';
import { createEdgeLog } from '../../../src/edge/log.ts';
import { Objects } from '../../../src/edge/objects.ts';
import { RELAYS_PER_REGION } from '../../../src/edge/relay/limits.ts';
import { PublishedDrops } from '../../../src/edge/relay/published-drops.ts';

/** The interval between visits to each isolate, in milliseconds. */
const VISIT_MS = 25;

export interface Looks {
  isolates: number;
  dropId: number;
  durationMs: number;
}

/** Resolves to the duration in milliseconds. */
export async function lookFromIsolates(env: Env, { isolates, dropId, durationMs }: Looks): Promise<number> {
  const relays = new Objects(env.RELAYS, createEdgeLog('error'), clock, Math.random);
  const beginMs = clock.monotonicMs();
  const look = async (isolate: number): Promise<void> => {
    const known = new PublishedDrops(relays, clock);
    const renewals: Promise<unknown>[] = [];
    const visit = {
      relayOf: () => [dropId, 'europe', isolate % RELAYS_PER_REGION].join(':'),
      waitUntil: (work: Promise<unknown>) => void renewals.push(work),
    };
    while (clock.monotonicMs() < beginMs + durationMs) {
      await known.get(dropId, visit);
      await new Promise<void>((resolve) => clock.after(VISIT_MS, resolve));
    }
    await Promise.all(renewals);
  };
  await Promise.all(Array.from({ length: isolates }, (_, isolate) => look(isolate)));
  return clock.monotonicMs() - beginMs;
}
