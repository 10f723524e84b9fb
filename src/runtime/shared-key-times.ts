/** The times of a limiter in memory that all HTTP threads share, so that they count together. */
import { createHash } from 'node:crypto';
import type { KeyTimes, KeyTimesSettings } from '../http/key-times.ts';

// The head: the lock, the half for new keys, the keys in each half, and when the halves change.
const LOCK = 0;
const RECENT = 1;
const COUNTS = 2;
const TURN_TIME = 3;
const HEAD_BYTES = 32;
// A slot: two words that identify a key, and its time.
const SLOT_BYTES = 16;

const WAIT_MS = 1;
/** A thread that holds the lock for so many waits has died with it. */
const WAITS_MAX = 1_000;

/** Twice the keys that a half may have, so that a few steps find a key. */
const slotsOf = ({ keysMax }: KeyTimesSettings): number => 2 ** Math.ceil(Math.log2(keysMax));

/** Memory for the times of one limiter; the system provides its pages when they are used. */
const memoryFor = (settings: KeyTimesSettings): SharedArrayBuffer =>
  new SharedArrayBuffer(HEAD_BYTES + 2 * slotsOf(settings) * SLOT_BYTES);

type Id = readonly [number, number];

/** As the times of one thread, but for every thread that has the memory and the secret `seed`. */
class SharedKeyTimes implements KeyTimes {
  readonly #settings: KeyTimesSettings;
  readonly #seed: string;
  readonly #slots: number;
  readonly #words: Int32Array;
  readonly #times: Float64Array;
  readonly nowMs: () => number;
  /** A key is looked up and then set. */
  #last: { key: string; id: Id } = { key: '', id: [0, 1] };

  constructor(settings: KeyTimesSettings, memory: SharedArrayBuffer, seed: string, nowMs: () => number) {
    this.nowMs = nowMs;
    this.#settings = settings;
    this.#seed = seed;
    this.#slots = slotsOf(settings);
    this.#words = new Int32Array(memory);
    this.#times = new Float64Array(memory);
  }

  get size(): number {
    return this.#word(COUNTS) + this.#word(COUNTS + 1);
  }

  alone<T>(work: () => T): T {
    for (let waits = 0; Atomics.compareExchange(this.#words, LOCK, 0, 1) !== 0; waits++) {
      if (waits === WAITS_MAX) break;
      Atomics.wait(this.#words, LOCK, 1, WAIT_MS);
    }
    try {
      return work();
    } finally {
      Atomics.store(this.#words, LOCK, 0);
    }
  }

  get(key: string): number {
    const recent = this.#word(RECENT);
    const id = this.#identify(key);
    for (const half of [recent, 1 - recent]) {
      const slot = this.#find(half, id);
      if (this.#isUsed(slot)) return this.#times[timeOf(slot)] ?? 0;
    }
    return 0;
  }

  set(key: string, wholeMs: number, nowMs: number): void {
    const half = this.#halfForNew(nowMs);
    const id = this.#identify(key);
    const slot = this.#find(half, id);
    if (!this.#isUsed(slot)) {
      this.#words.set(id, wordOf(slot));
      this.#words[COUNTS + half] = this.#word(COUNTS + half) + 1;
    }
    this.#times[timeOf(slot)] = wholeMs;
  }

  /** A client that knows no seed cannot choose a key that counts as another's. */
  #identify(key: string): Id {
    if (key !== this.#last.key) this.#last = { key, id: this.#hash(key) };
    return this.#last.id;
  }

  #hash(key: string): Id {
    const digest = createHash('sha256').update(this.#seed).update(key).digest();
    const [first, second] = [digest.readInt32LE(0), digest.readInt32LE(4)];
    return [first, first === 0 && second === 0 ? 1 : second];
  }

  #word(index: number): number {
    return this.#words[index] ?? 0;
  }

  #isUsed(slot: number): boolean {
    return this.#word(wordOf(slot)) !== 0 || this.#word(wordOf(slot) + 1) !== 0;
  }

  /** The slot of a key in a half, or the free one for it. */
  #find(half: number, [first, second]: Id): number {
    for (let step = first >>> 0; ; step++) {
      const slot = half * this.#slots + (step % this.#slots);
      const word = wordOf(slot);
      if (!this.#isUsed(slot) || (this.#word(word) === first && this.#word(word + 1) === second)) return slot;
    }
  }

  /** Empties the older half and returns it, after each window and if the recent one is full. */
  #halfForNew(nowMs: number): number {
    const recent = this.#word(RECENT);
    const { windowMs, keysMax } = this.#settings;
    if (nowMs < (this.#times[TURN_TIME] ?? 0) && this.#word(COUNTS + recent) < keysMax / 2) return recent;
    const older = 1 - recent;
    // Pages that were never used stay so.
    if (this.#word(COUNTS + older) > 0) {
      this.#words.fill(0, wordOf(older * this.#slots), wordOf((older + 1) * this.#slots));
    }
    this.#words[COUNTS + older] = 0;
    this.#words[RECENT] = older;
    this.#times[TURN_TIME] = nowMs + windowMs;
    return older;
  }
}

const wordOf = (slot: number): number => HEAD_BYTES / 4 + slot * 4;
const timeOf = (slot: number): number => HEAD_BYTES / 8 + slot * 2 + 1;

/** `performance.now()` begins at 0 in each thread, and so does `process.hrtime()` on Bun. */
const processMs = (): number => performance.timeOrigin + performance.now();

/** What the threads of a server share; it can be sent to a thread. */
export interface SharedLimits {
  seed: string;
  /** The memory of each limiter, by its name. */
  memories: Map<string, SharedArrayBuffer>;
}

/** Returns the times of a limiter by its name. The first thread adds its memory to `shared`. */
export const sharedKeyTimes =
  ({ seed, memories }: SharedLimits, nowMs = processMs) =>
  (name: string, settings: KeyTimesSettings): KeyTimes => {
    const memory = memories.get(name) ?? memoryFor(settings);
    memories.set(name, memory);
    return new SharedKeyTimes(settings, memory, seed, nowMs);
  };
