/** Observes a state shortly before the clock changes it, on machines of any speed. */
import { patienceMs } from './patience.ts';

/**
 * Prepares a change after `leadMs` and reads the state before it; null from `attempt` means that
 * the read was too late. Doubles the time until a read is early enough.
 */
export async function earlyEnough<T>(attempt: (leadMs: number) => Promise<T | null>): Promise<T> {
  for (let leadMs = 500; leadMs < patienceMs; leadMs *= 2) {
    const seen = await attempt(leadMs);
    if (seen !== null) return seen;
  }
  throw new Error('The machine is too slow to see what the clock changes.');
}
