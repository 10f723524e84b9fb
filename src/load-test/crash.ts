/**
 * The crash in the middle of a load test: when it started, when the first order succeeded after it,
 * and when buyers stopped noticing it.
 */
import { LOAD_TEST_SETTLE_MS } from './limits.ts';

/** Whether a request belongs to the time before, during or after the crash. */
export const phases = ['before', 'crash', 'after'] as const;
export type Phase = (typeof phases)[number];

/** All times are in milliseconds, of one clock. */
export class Crash {
  #killedMs: number | null = null;
  #goneMs = Number.POSITIVE_INFINITY;
  #listeningMs: number | null = null;
  #ordersMs: number | null = null;
  #overMs = Number.POSITIVE_INFINITY;

  /** Records when the server was killed. */
  kill(nowMs: number): void {
    this.#killedMs = nowMs;
  }

  /** Records when the process was gone: the restarted server answers all later requests. */
  end(nowMs: number): void {
    this.#goneMs = nowMs;
  }

  /** Records when the restarted server listened. */
  listen(nowMs: number): void {
    this.#listeningMs = nowMs;
  }

  /**
   * Records a definite answer to a purchase. `openPurchases` is the number of purchases whose first
   * attempt failed and whose outcome is still unknown.
   */
  answered(sentMs: number, nowMs: number, openPurchases: number): void {
    if (sentMs < this.#goneMs || nowMs >= this.#overMs) return;
    this.#ordersMs ??= nowMs;
    const latestMs = this.#ordersMs + LOAD_TEST_SETTLE_MS;
    if (openPurchases === 0 || nowMs >= latestMs) this.#overMs = Math.min(nowMs, latestMs);
  }

  /** Whether an answer that fails now fails because of the crash. */
  isUnderWay(nowMs: number): boolean {
    return this.#killedMs !== null && nowMs >= this.#killedMs && nowMs < this.#overMs;
  }

  /**
   * Returns the phase of a request that was due at `dueMs`, was answered now, and should have been
   * answered within `boundMs`.
   */
  phaseOf(dueMs: number, nowMs: number, boundMs: number): Phase {
    if (this.#killedMs === null || nowMs <= this.#killedMs) return 'before';
    // A request that was late before the kill is not late because of it.
    if (dueMs + boundMs <= this.#killedMs) return 'before';
    return dueMs >= this.#overMs ? 'after' : 'crash';
  }

  /**
   * Returns how long the request waited in its phase: the wait of a request that was late before
   * the crash ends at the kill.
   */
  waitedMs(dueMs: number, nowMs: number, boundMs: number): number {
    const isEarlier = this.#killedMs !== null && this.phaseOf(dueMs, nowMs, boundMs) === 'before';
    return (isEarlier ? Math.min(nowMs, this.#killedMs ?? nowMs) : nowMs) - dueMs;
  }

  /** Times in milliseconds since the kill; null for events that did not happen. */
  summary(startMs: number) {
    const killedMs = this.#killedMs;
    const since = (ms: number | null): number | null =>
      ms === null || killedMs === null ? null : ms - killedMs;
    return {
      atMs: killedMs === null ? null : killedMs - startMs,
      listeningAfterMs: since(this.#listeningMs),
      ordersAfterMs: since(this.#ordersMs),
      overAfterMs: since(Number.isFinite(this.#overMs) ? this.#overMs : null),
    };
  }
}

export type CrashSummary = ReturnType<Crash['summary']>;
