/**
 * A cache that the requests of a Worker share: one request reads, and the others get the cached
 * value or wait.
 */
import type { Clock } from '../split/clock.ts';

export type WaitUntil = (work: Promise<unknown>) => void;

export interface SharedReadRules {
  /**
   * How long a value is served without a read. In the second half of this time, one request renews
   * it after its answer.
   */
  freshMs: number;
  /** How long a value is served while another request reads, and after a failed read. */
  staleMs: number;
  /** How long a cached absence is served to requests that accept one. */
  absentMs: number;
  /** Above this number, the oldest entry is evicted. */
  keysMax: number;
}

/** Times are monotonic, from before the read. */
interface Kept<V> {
  value: V | null;
  readMs: number;
  turn: number;
}

interface Reading {
  startedMs: number;
  turn: number;
  /** The number of calls to `invalidate` before it began. */
  invalidations: number;
  failure: { error: unknown } | null;
}

/** How often a request checks whether the read that it waits for has ended. */
const POLL_MS = 10;
/**
 * After this time, another request reads too: the platform cancels the work of a request whose
 * client has left. The result of a read that is merely slow still counts.
 */
const LOST_MS = 2_000;

/**
 * Caches values, not promises: a promise of a cancelled request never settles. The result of a read
 * that began after a request arrived is always recent enough for it. `null` is an absence: a
 * request gets one from such a read, or from the cache if it accepts that.
 */
export class SharedReads<K, V> {
  readonly #rules: SharedReadRules;
  readonly #clock: Clock;
  readonly #kept = new Map<K, Kept<V>>();
  readonly #readings = new Map<K, Reading>();
  /** Orders requests and reads within the same clock reading. */
  #turn = 0;
  #invalidations = 0;

  constructor(rules: SharedReadRules, clock: Clock) {
    this.#rules = rules;
    this.#clock = clock;
  }

  /** Rejects if the read fails and no recent value is cached. */
  async get(
    key: K,
    read: () => Promise<V | null>,
    waitUntil: WaitUntil,
    acceptsKeptAbsence = false,
  ): Promise<V | null> {
    this.#turn += 1;
    const turn = this.#turn;
    for (;;) {
      const reading = this.#readingOf(key);
      const found = this.#find(key, turn, reading !== undefined, acceptsKeptAbsence);
      if (found) {
        if (this.#isDue(key) && !reading) waitUntil(this.#read(key, read).catch(() => undefined));
        return found.value;
      }
      if (!reading) return this.#readThrough(key, read, waitUntil);
      await new Promise<void>((resolve) => this.#clock.after(POLL_MS, resolve));
      if (reading.failure) return this.#staleOr(key, reading.failure.error);
    }
  }

  /** Whether `get` would answer from a cached absence. */
  isAbsent(key: K): boolean {
    const kept = this.#kept.get(key);
    return kept?.value === null && this.#ageMs(kept) < this.#rules.absentMs;
  }

  /** Discards the cached value, and the result of a read that has already begun. */
  invalidate(key: K): void {
    this.#invalidations += 1;
    this.#kept.delete(key);
    this.#readings.delete(key);
  }

  #ageMs({ readMs }: Kept<V>): number {
    return this.#clock.monotonicMs() - readMs;
  }

  #find(key: K, turn: number, isRead: boolean, acceptsKeptAbsence: boolean): Kept<V> | null {
    const kept = this.#kept.get(key);
    if (!kept) return null;
    const { freshMs, staleMs, absentMs } = this.#rules;
    const ageMs = this.#ageMs(kept);
    if (kept.turn > turn) return kept;
    if (kept.value === null) return acceptsKeptAbsence && ageMs < absentMs ? kept : null;
    return ageMs < (isRead ? staleMs : freshMs) ? kept : null;
  }

  #isDue(key: K): boolean {
    const kept = this.#kept.get(key);
    return kept !== undefined && kept.value !== null && this.#ageMs(kept) >= this.#rules.freshMs / 2;
  }

  #readingOf(key: K): Reading | undefined {
    const reading = this.#readings.get(key);
    const isLost = reading && this.#clock.monotonicMs() - reading.startedMs > LOST_MS;
    return isLost ? undefined : reading;
  }

  async #readThrough(key: K, read: () => Promise<V | null>, waitUntil: WaitUntil): Promise<V | null> {
    const work = this.#read(key, read);
    // Other requests wait for it, so it must end even if this client leaves.
    waitUntil(work.catch(() => undefined));
    return work.catch((error: unknown) => this.#staleOr(key, error));
  }

  #staleOr(key: K, error: unknown): V | null {
    const kept = this.#kept.get(key);
    if (kept && kept.value !== null && this.#ageMs(kept) < this.#rules.staleMs) return kept.value;
    throw error;
  }

  async #read(key: K, read: () => Promise<V | null>): Promise<V | null> {
    this.#turn += 1;
    const [startedMs, turn, invalidations] = [this.#clock.monotonicMs(), this.#turn, this.#invalidations];
    const reading: Reading = { startedMs, turn, invalidations, failure: null };
    this.#readings.set(key, reading);
    try {
      const value = await read();
      const isLast = this.#readings.get(key) === reading;
      if (isLast || invalidations === this.#invalidations) this.#keep(key, value, reading);
      return value;
    } catch (error) {
      reading.failure = { error };
      throw error;
    } finally {
      if (this.#readings.get(key) === reading) this.#readings.delete(key);
    }
  }

  #keep(key: K, value: V | null, { startedMs, turn }: Reading): void {
    if ((this.#kept.get(key)?.turn ?? 0) > turn) return;
    // Reinserted, so that the newest entry is last.
    this.#kept.delete(key);
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined && this.#kept.size >= this.#rules.keysMax) this.#kept.delete(oldest);
    this.#kept.set(key, { value, readMs: startedMs, turn });
  }
}
