/** Meets what the clock changes soon, on machines of any speed. */
import { patienceMs } from './patience.ts';

/**
 * Prepares what changes after `leadMs` and looks at it; null from `attempt` says that the look came too late. Doubles
 * the time until a look is early enough.
 */
export async function earlyEnough<T>(attempt: (leadMs: number) => Promise<T | null>): Promise<T> {
  for (let leadMs = 500; leadMs < patienceMs; leadMs *= 2) {
    const seen = await attempt(leadMs);
    if (seen !== null) return seen;
  }
  throw new Error('The machine is too slow to see what the clock changes.');
}
