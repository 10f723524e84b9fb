/**
 * Delays refusals: after the turn of the event loop, and at a share of the requests served.
 *
 * Upstream: by design of libuv (https://github.com/libuv/libuv/issues/282): a turn polls up to 48
 *   times for 1,024 events before anything else runs. A refused client that retries at once on the
 *   same connection is read again in the same turn.
 * Without it: 3,000 connections that retry at once kept one turn of Node 24.21 for 2.5 s, with
 *   20,065 requests; with one answer every millisecond the longest turn took 0.2 s. Decision 23c
 *   has the share of buyers that is still served.
 * Test: test/unit/http/admission.test.ts
 * Remove it when: a turn of the oldest supported Node ends however many requests arrive, and a
 *   refusal costs much less than a purchase.
 */
import type { Clock } from '../split/clock.ts';

/** Refusing costs about half as much as serving: a fifth as many takes a tenth of the time. */
const REFUSED_PER_SERVED = 0.2;
/** While none is served there is spare time for one refusal every 2 ms, but never for thousands. */
const REFUSED_PER_MS = 0.5;
const PAUSE_MS = 1;
/** Upper bound on how long a refusal is delayed. */
const WAIT_MAX_MS = 3_000;

export interface RefusalPace {
  /** Resolves when the next refusal may be sent. */
  next(): Promise<void>;
  /** Call this for each request that was served. */
  served(): void;
}

interface Waiting {
  sinceMs: number;
  resolve: () => void;
}

export function createRefusalPace(clock: Clock): RefusalPace {
  const waiting: Waiting[] = [];
  /** Number of refusals that may be sent now. */
  let credit = 0;
  let lastMs = 0;
  const sendSome = (): void => {
    const nowMs = clock.monotonicMs();
    credit += (nowMs - lastMs) * REFUSED_PER_MS;
    lastMs = nowMs;
    let count = Math.floor(credit);
    for (let next = waiting[count]; next && nowMs - next.sinceMs >= WAIT_MAX_MS; next = waiting[count])
      count += 1;
    credit = Math.max(0, credit - count);
    for (const { resolve } of waiting.splice(0, count)) resolve();
    if (waiting.length > 0) clock.after(PAUSE_MS, sendSome);
  };
  return {
    next: () =>
      new Promise((resolve) => {
        const nowMs = clock.monotonicMs();
        if (waiting.length === 0) {
          credit = 0;
          lastMs = nowMs;
          clock.after(PAUSE_MS, sendSome);
        }
        waiting.push({ sinceMs: nowMs, resolve });
      }),
    served() {
      credit += REFUSED_PER_SERVED;
    },
  };
}
