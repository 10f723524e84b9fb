/** What the requests of a Worker share: one of them reads, and the others get what is kept, or wait for that read. */
import type { Clock } from '../split/clock.ts';

export type WaitUntil = (work: Promise<unknown>) => void;

export interface SharedReadRules {
  /** How long a value is served without a read. In the second half of this time, one request renews it after its answer. */
  freshMs: number;
  /** How long a value is served while another request reads, and where a read fails. */
  staleMs: number;
  /** How long an absence is served to requests that accept a kept one. */
  absentMs: number;
  /** Beyond, the oldest is dropped. */
  keysMax: number;
}

/** Times are monotonic, and from before the read. */
interface Kept<V> {
  value: V | null;
  readMs: number;
  turn: number;
}

interface Reading {
  startedMs: number;
  turn: number;
  /** What was forgotten until it began. */
  forgotten: number;
  failure: { error: unknown } | null;
}

/** How often a request looks whether the read that it waits for has ended. */
const LOOK_MS = 10;
/**
 * After this time, another request reads too: the platform drops the work of a request whose client has left. A read that is only slow
 * counts all the same.
 */
const LOST_MS = 2_000;

/**
 * Keeps values and no promises: a promise of a request that the platform has dropped never settles. What a read brings that began after a
 * request came is always good enough for it. `null` is an absence: a request gets one from such a read only, or, where it says so, one that
 * is kept.
 */
export class SharedReads<K, V> {
  readonly #rules: SharedReadRules;
  readonly #clock: Clock;
  readonly #kept = new Map<K, Kept<V>>();
  readonly #readings = new Map<K, Reading>();
  /** Orders requests and reads where the clock shows the same time. */
  #turn = 0;
  #forgotten = 0;

  constructor(rules: SharedReadRules, clock: Clock) {
    this.#rules = rules;
    this.#clock = clock;
  }

  /** Rejects where the read fails and nothing young enough is kept. */
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
      if (!reading) return this.#lead(key, read, waitUntil);
      await new Promise<void>((resolve) => this.#clock.after(LOOK_MS, resolve));
      if (reading.failure) return this.#staleOr(key, reading.failure.error);
    }
  }

  /** Whether `get` would answer this request from an absence that is kept. */
  isAbsent(key: K): boolean {
    const kept = this.#kept.get(key);
    return kept?.value === null && this.#ageMs(kept) < this.#rules.absentMs;
  }

  /** Something has changed: what is kept, and what a read that has begun will bring, counts no more. */
  forget(key: K): void {
    this.#forgotten += 1;
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

  async #lead(key: K, read: () => Promise<V | null>, waitUntil: WaitUntil): Promise<V | null> {
    const work = this.#read(key, read);
    // Others wait for it: it must end also where this client leaves.
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
    const [startedMs, turn, forgotten] = [this.#clock.monotonicMs(), this.#turn, this.#forgotten];
    const reading: Reading = { startedMs, turn, forgotten, failure: null };
    this.#readings.set(key, reading);
    try {
      const value = await read();
      const isLast = this.#readings.get(key) === reading;
      if (isLast || forgotten === this.#forgotten) this.#keep(key, value, reading);
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
    // The newest stands last.
    this.#kept.delete(key);
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined && this.#kept.size >= this.#rules.keysMax) this.#kept.delete(oldest);
    this.#kept.set(key, { value, readMs: startedMs, turn });
  }
}
