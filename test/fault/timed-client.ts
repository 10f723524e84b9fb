/** A shop's client that remembers when it was answered. */
import type { Invoked } from '../../src/crowd/ledger.ts';
import type { Verdict } from '../../src/crowd/verdict.ts';
import { ShopClient } from './shop-client.ts';

/** Remembers when each call was answered, and how long the slowest took. */
export class TimedClient extends ShopClient {
  slowestMs = 0;
  /** On the monotonic clock, of those that were done. */
  readonly doneMs: number[] = [];

  override async call(invoked: Invoked): Promise<Verdict> {
    const begunMs = performance.now();
    const verdict = await super.call(invoked);
    const endedMs = performance.now();
    this.slowestMs = Math.max(this.slowestMs, endedMs - begunMs);
    if (verdict.kind === 'ok') this.doneMs.push(endedMs);
    return verdict;
  }
}
