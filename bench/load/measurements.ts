/** Counts the outcomes of a run and keeps its latencies as histograms of microseconds. */
import { build, type Histogram } from 'hdr-histogram-js';
import { type Outcome, outcomes } from './outcomes.ts';

/** All in milliseconds, but for the count. */
export interface Percentiles {
  count: number;
  p50: number;
  p95: number;
  p99: number;
  p999: number;
  max: number;
}

/** How a run stands. */
export interface Tally {
  /** Started or dropped. */
  offered: number;
  done: number;
  dropped: number;
  shed: number;
  errors: number;
  /** Of what was done since the last look. */
  recentMs: Percentiles;
}

export interface Measured {
  /** Started or dropped. */
  offered: number;
  done: number;
  outcomes: Record<Outcome, number>;
  dropped: number;
  latencyMs: { all: Percentiles; reads: Percentiles; writes: Percentiles };
  /** How late the generator itself began to send. */
  latenessMs: Percentiles;
}

// Three digits: no printed value is more than a thousandth off.
const histogram = (): Histogram => build({ bitBucketSize: 32, numberOfSignificantValueDigits: 3 });

const record = (into: Histogram, milliseconds: number): void => {
  into.recordValue(Math.max(0, Math.round(milliseconds * 1000)));
};

export class Measurements {
  #started = 0;
  #dropped = 0;
  #done = 0;
  readonly #counts: Record<Outcome, number>;
  readonly #reads = histogram();
  readonly #writes = histogram();
  readonly #lateness = histogram();
  readonly #recent = histogram();

  constructor() {
    this.#counts = Object.fromEntries(outcomes.map((outcome) => [outcome, 0])) as Record<Outcome, number>;
  }

  /** One finished request, whatever became of it; its latency counts from when it was due. */
  recordDone(isRead: boolean, outcome: Outcome, latencyMs: number): void {
    this.#done++;
    this.#counts[outcome]++;
    record(isRead ? this.#reads : this.#writes, latencyMs);
    record(this.#recent, latencyMs);
  }

  /** One arrival that found a connection, and how late the generator sent it. */
  recordStarted(latenessMs: number): void {
    this.#started++;
    record(this.#lateness, latenessMs);
  }

  /** One arrival that found none. */
  recordDropped(): void {
    this.#dropped++;
  }

  /** Arrivals that nothing more can happen to. */
  get settled(): number {
    return this.#done + this.#dropped;
  }

  /** Begins the recent percentiles anew. */
  progress(): Tally {
    const recentMs = percentilesOf(this.#recent);
    this.#recent.reset();
    return {
      offered: this.#started + this.#dropped,
      done: this.#done,
      dropped: this.#dropped,
      shed: this.#counts.shed,
      errors: this.#counts.error,
      recentMs,
    };
  }

  summary(): Measured {
    const all = histogram();
    all.add(this.#reads);
    all.add(this.#writes);
    return {
      offered: this.#started + this.#dropped,
      done: this.#done,
      outcomes: { ...this.#counts },
      dropped: this.#dropped,
      latencyMs: {
        all: percentilesOf(all),
        reads: percentilesOf(this.#reads),
        writes: percentilesOf(this.#writes),
      },
      latenessMs: percentilesOf(this.#lateness),
    };
  }
}

function percentilesOf(from: Histogram): Percentiles {
  const at = (percentile: number): number => from.getValueAtPercentile(percentile) / 1000;
  return {
    count: from.totalCount,
    p50: at(50),
    p95: at(95),
    p99: at(99),
    p999: at(99.9),
    max: from.maxValue / 1000,
  };
}
