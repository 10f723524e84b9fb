/** The crash in the middle of a rehearsal: when it began, when orders were taken again, and when it was over for buyers. */
import { REHEARSAL_SETTLE_MS } from './rehearsal-limits.ts';

/** Whether something belongs to the time before the crash, to the crash, or to the time after it. */
export const phases = ['before', 'crash', 'after'] as const;
export type Phase = (typeof phases)[number];

/** All times are of one clock, in milliseconds. */
export class Crash {
  #killedMs: number | null = null;
  #gone = Number.POSITIVE_INFINITY;
  #listeningMs: number | null = null;
  #ordersMs: number | null = null;
  #overMs = Number.POSITIVE_INFINITY;

  /** When the server was killed. */
  kill(nowMs: number): void {
    this.#killedMs = nowMs;
  }

  /** When its process was gone: what is asked from then on, the next one answers. */
  end(nowMs: number): void {
    this.#gone = nowMs;
  }

  /** When the next server said that it listens. */
  listen(nowMs: number): void {
    this.#listeningMs = nowMs;
  }

  /** A purchase has its definite answer; `openPurchases` are those whose first try came to nothing, and that still have none. */
  answered(sentMs: number, nowMs: number, openPurchases: number): void {
    if (sentMs < this.#gone || nowMs >= this.#overMs) return;
    this.#ordersMs ??= nowMs;
    const latestMs = this.#ordersMs + REHEARSAL_SETTLE_MS;
    if (openPurchases === 0 || nowMs >= latestMs) this.#overMs = Math.min(nowMs, latestMs);
  }

  /** Whether an answer that fails now fails for the crash. */
  isUnderWay(nowMs: number): boolean {
    return this.#killedMs !== null && nowMs >= this.#killedMs && nowMs < this.#overMs;
  }

  /** The phase of a request that was due then, has its answer now, and should have had it within `boundMs`. */
  phaseOf(dueMs: number, nowMs: number, boundMs: number): Phase {
    if (this.#killedMs === null || nowMs <= this.#killedMs) return 'before';
    // What was late already when the server was killed was not late for that.
    if (dueMs + boundMs <= this.#killedMs) return 'before';
    return dueMs >= this.#overMs ? 'after' : 'crash';
  }

  /** How long the request waited in its phase: what was late before the crash did not wait for its end. */
  waitedMs(dueMs: number, nowMs: number, boundMs: number): number {
    const isOfBefore = this.#killedMs !== null && this.phaseOf(dueMs, nowMs, boundMs) === 'before';
    return (isOfBefore ? Math.min(nowMs, this.#killedMs ?? nowMs) : nowMs) - dueMs;
  }

  /** From the kill on; null for what did not happen. */
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
