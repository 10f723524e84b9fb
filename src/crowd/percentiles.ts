/** Latencies as histograms of microseconds, and their usual percentiles. */
import { build, type Histogram } from 'hdr-histogram-js';

/** In milliseconds, except for the count. */
export interface Percentiles {
  count: number;
  p50: number;
  p95: number;
  p99: number;
  p999: number;
  max: number;
}

// Three digits: values are exact to 0.1%.
export const histogram = (): Histogram => build({ bitBucketSize: 32, numberOfSignificantValueDigits: 3 });

export const record = (into: Histogram, milliseconds: number): void => {
  into.recordValue(Math.max(0, Math.round(milliseconds * 1000)));
};

export function percentilesOf(from: Histogram): Percentiles {
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
