/** A shop's background work: refunds, deliveries, expired holds, and the watch on the clock. */
import { sendRefunds } from '../background/refund-sender.ts';
import type { Config } from '../config/config.ts';
import { watchClock } from './clock-watch.ts';
import { type SubscribersDeps, startSubscribers } from './subscribers.ts';
import { sweepDueHolds } from './sweep.ts';

/** Returns the function that stops the work, which resolves once no work is under way. */
export async function startWork(config: Config, deps: SubscribersDeps): Promise<() => Promise<void>> {
  const { db, clock, log } = deps;
  const refunds = sendRefunds(deps);
  const stopSubscribers = await startSubscribers(config, deps);
  const stopSweep = sweepDueHolds(db, clock);
  const stopWatch = watchClock(clock, log);
  return async () => {
    stopSweep();
    stopWatch();
    await Promise.all([refunds.stop(), stopSubscribers()]);
  };
}
