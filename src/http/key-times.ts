/** When each key's quota will be complete again, in bounded memory. */
import type { Clock } from '../split/clock.ts';

/** The times of one limiter. */
export interface KeyTimes {
  /** Number of keys held. */
  readonly size: number;
  /** Milliseconds that only ever grow, alike for all that use these times. */
  nowMs(): number;
  /** Runs `work` while no other thread uses these times. */
  alone<T>(work: () => T): T;
  /** 0 for an unknown key. */
  get(key: string): number;
  set(key: string, wholeMs: number, nowMs: number): void;
}

/** What is kept: a key for at least a window, unless more keys than `keysMax` arrive in it. */
export interface KeyTimesSettings {
  windowMs: number;
  keysMax: number;
}

/**
 * The times of one thread. A key is dropped after a window without requests, when its quota is
 * whole again, so that this gives nothing away. If more keys arrive than `keysMax`, the older half
 * is dropped sooner: a client with that many addresses has their quotas anyway, and other clients
 * are never locked out.
 */
export class OwnKeyTimes implements KeyTimes {
  readonly #settings: KeyTimesSettings;
  readonly #clock: Clock;
  #recent = new Map<string, number>();
  #older = new Map<string, number>();
  #turnMs: number;

  constructor(settings: KeyTimesSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
    this.#turnMs = clock.monotonicMs() + settings.windowMs;
  }

  get size(): number {
    return this.#recent.size + this.#older.size;
  }

  nowMs(): number {
    return this.#clock.monotonicMs();
  }

  alone<T>(work: () => T): T {
    return work();
  }

  get(key: string): number {
    return this.#recent.get(key) ?? this.#older.get(key) ?? 0;
  }

  set(key: string, wholeMs: number, nowMs: number): void {
    if (nowMs >= this.#turnMs || this.#recent.size >= this.#settings.keysMax / 2) {
      this.#older = this.#recent;
      this.#recent = new Map();
      this.#turnMs = nowMs + this.#settings.windowMs;
    }
    this.#recent.set(key, wholeMs);
  }
}
