/** Counts the outcomes of a run, and records its latencies in histograms of microseconds. */
import type { Histogram } from 'hdr-histogram-js';
import { histogram, type Percentiles, percentilesOf, record } from '../../src/crowd/percentiles.ts';
import { type Outcome, outcomes } from './outcomes.ts';

export const requestKinds = ['read', 'purchase', 'payment'] as const;
export type RequestKind = (typeof requestKinds)[number];

/** The progress of a run. */
export interface Tally {
  /** Started or dropped. */
  offered: number;
  done: number;
  dropped: number;
  shed: number;
  errors: number;
  /** Percentiles of the requests that finished since the last progress. */
  recentMs: Percentiles;
}

export interface Latencies {
  all: Percentiles;
  reads: Percentiles;
  writes: Percentiles;
  payments: Percentiles;
}

/** A latency in milliseconds, and the part of the requests, 0..1, that were no slower. */
export type DistributionPoint = readonly [part: number, ms: number];

export interface Measured {
  /** Started or dropped. */
  offered: number;
  done: number;
  outcomes: Record<Outcome, number>;
  dropped: number;
  latencyMs: Latencies;
  distribution: Record<'all' | 'reads' | 'writes', DistributionPoint[]>;
  /** How late the generator itself sent its requests. */
  latenessMs: Percentiles;
}

export class Measurements {
  #started = 0;
  #dropped = 0;
  #done = 0;
  readonly #counts: Record<Outcome, number>;
  readonly #latencies: Record<RequestKind, Histogram>;
  readonly #lateness = histogram();
  readonly #recent = histogram();

  constructor() {
    this.#counts = Object.fromEntries(outcomes.map((outcome) => [outcome, 0])) as Record<Outcome, number>;
    this.#latencies = { read: histogram(), purchase: histogram(), payment: histogram() };
  }

  /** Records a finished request; its latency is measured from its due time. */
  recordDone(kind: RequestKind, outcome: Outcome, latencyMs: number): void {
    this.#done++;
    this.#counts[outcome]++;
    record(this.#latencies[kind], latencyMs);
    record(this.#recent, latencyMs);
  }

  /** Records an arrival that found a connection, and how late the generator sent it. */
  recordStarted(latenessMs: number): void {
    this.#started++;
    record(this.#lateness, latenessMs);
  }

  /** Records an arrival that found no connection. */
  recordDropped(): void {
    this.#dropped++;
  }

  /** Arrivals in their final state. */
  get settled(): number {
    return this.#done + this.#dropped;
  }

  /** Returns the progress and resets the recent percentiles. */
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
    const { read, purchase, payment } = this.#latencies;
    const writes = histogram();
    writes.add(purchase);
    writes.add(payment);
    const all = histogram();
    all.add(read);
    all.add(writes);
    return {
      offered: this.#started + this.#dropped,
      done: this.#done,
      outcomes: { ...this.#counts },
      dropped: this.#dropped,
      latencyMs: {
        all: percentilesOf(all),
        reads: percentilesOf(read),
        writes: percentilesOf(writes),
        payments: percentilesOf(payment),
      },
      distribution: {
        all: distributionOf(all),
        reads: distributionOf(read),
        writes: distributionOf(writes),
      },
      latenessMs: percentilesOf(this.#lateness),
    };
  }
}

/** Returns eight points per nine, as far as there are enough requests. */
function distributionOf(from: Histogram): DistributionPoint[] {
  const pointsPerNine = 8;
  const points: DistributionPoint[] = [];
  for (let point = 0; 10 ** (point / pointsPerNine) <= from.totalCount; point++) {
    const part = 1 - 10 ** (-point / pointsPerNine);
    points.push([part, from.getValueAtPercentile(part * 100) / 1000]);
  }
  return points;
}
