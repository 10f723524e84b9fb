/** A shop client that records the times of its answers. */
import type { Invoked } from '../../src/crowd/ledger.ts';
import type { Verdict } from '../../src/crowd/verdict.ts';
import { ShopClient } from './shop-client.ts';

/** Records when each call was answered, and the longest duration. */
export class TimedClient extends ShopClient {
  slowestMs = 0;
  /** Times of the completed calls on the monotonic clock. */
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
