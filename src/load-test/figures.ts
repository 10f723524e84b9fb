/**
 * Counts the outcomes of a load test's requests, and their latencies before, during and after the
 * crash.
 */
import type { Histogram } from 'hdr-histogram-js';
import { histogram, type Percentiles, percentilesOf, record } from '../crowd/percentiles.ts';
import { type Phase, phases } from './crash.ts';

export const kinds = ['read', 'purchase', 'payment'] as const;
export type Kind = (typeof kinds)[number];

type ByKindAndPhase<T> = Record<Kind, Record<Phase, T>>;
export type Latencies = ByKindAndPhase<Percentiles>;

const byKindAndPhase = <T>(make: (kind: Kind, phase: Phase) => T): ByKindAndPhase<T> =>
  Object.fromEntries(
    kinds.map((kind) => [kind, Object.fromEntries(phases.map((phase) => [phase, make(kind, phase)]))]),
  ) as ByKindAndPhase<T>;

/** A second's rate counts only if this part of its requests is answered within the bound. */
const answeredPart = 0.99;

interface Second {
  due: number;
  inBound: number;
}

export class Figures {
  sent = 0;
  /** Arrivals that found no free connection. */
  dropped = 0;
  /** Outcomes by name: `held`, `replayed`, `paid`, `read`, and problem codes. */
  readonly outcomes = new Map<string, number>();
  /**
   * Answers outside the crash that were neither a success nor an expected refusal; the first few in
   * full.
   */
  errors = 0;
  readonly errorSamples: string[] = [];
  /** Purchases that were retried, because their outcome was unknown. */
  retried = 0;
  readonly #latencies: ByKindAndPhase<Histogram> = byKindAndPhase(histogram);
  readonly #lateness = histogram();
  readonly #seconds: Second[];
  readonly #boundMs: number;

  constructor(seconds: number, boundMs: number) {
    // Whole seconds only: a partial one would show too low a rate.
    this.#seconds = Array.from({ length: Math.floor(seconds) }, () => ({ due: 0, inBound: 0 }));
    this.#boundMs = boundMs;
  }

  /** Records a sent request, and how late the generator sent it. */
  recordSent(latenessMs: number): void {
    this.sent += 1;
    record(this.#lateness, latenessMs);
  }

  /** Records a request in its final state. */
  recordDone(kind: Kind, outcome: string, phase: Phase, latencyMs: number): void {
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
    record(this.#latencies[kind][phase], latencyMs);
  }

  recordError(text: string): void {
    this.errors += 1;
    if (this.errorSamples.length < 5) this.errorSamples.push(text);
  }

  /**
   * Records a scheduled arrival by its due time after the start, once it is answered or abandoned.
   */
  recordArrival(dueAfterMs: number, latencyMs: number): void {
    const second = this.#seconds[Math.floor(dueAfterMs / 1000)];
    if (!second) return;
    second.due += 1;
    if (latencyMs <= this.#boundMs) second.inBound += 1;
  }

  get done(): number {
    return [...this.outcomes.values()].reduce((sum, count) => sum + count, 0);
  }

  /**
   * The highest number of requests answered within the bound in one second; null if no second
   * counts.
   */
  get highestRateInBound(): number | null {
    const good = this.#seconds.filter(({ due, inBound }) => due > 0 && inBound >= due * answeredPart);
    return good.length === 0 ? null : Math.max(...good.map(({ inBound }) => inBound));
  }

  get latenessMs(): Percentiles {
    return percentilesOf(this.#lateness);
  }

  latencies(): Latencies {
    return byKindAndPhase((kind, phase) => percentilesOf(this.#latencies[kind][phase]));
  }
}
