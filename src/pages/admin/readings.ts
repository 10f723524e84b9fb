/** Compares two readings of /metrics: rates, quantiles and depths, for the tables and plots. */

/** One line of the Prometheus text format. */
export interface Sample {
  name: string;
  labels: Readonly<Record<string, string>>;
  value: number;
}

type Numbers = Record<string, number>;

/** What the plots draw for one moment: a number, or null, for each series. */
export interface Moment {
  requests: Numbers;
  latency: Record<string, number | null>;
  queue: Numbers;
  batch: Record<string, number | null>;
  commit: Record<string, number | null>;
  wal: Numbers;
  stock: Numbers;
}

// The browser receives the source of these methods (readings-module.ts). They may use only their
// arguments and each other through `this`: no imports, no closures, no named inner functions.
export const readings = {
  /** Parses a reading; skips lines that it can't parse. */
  read(text: string): Sample[] {
    return text.split('\n').flatMap((line) => {
      const [, name, labels, value] = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line) ?? [];
      if (name === undefined || !Number.isFinite(Number(value))) return [];
      const pairs = [...(labels ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map((pair) => [
        pair[1] ?? '',
        (pair[2] ?? '').replace(/\\(.)/g, (_, mail) => (mail === 'n' ? '\n' : mail)),
      ]);
      return [{ name, labels: Object.fromEntries(pairs), value: Number(value) }];
    });
  },

  /** Sums a metric by one of its labels; without a label, under the metric's own name. */
  sums(samples: readonly Sample[], name: string, label?: string): Numbers {
    const found: Numbers = {};
    for (const sample of samples) {
      // Requests of operators and monitors are not part of the shop's load.
      const isOurs = /^\/(?:admin|metrics|readyz|livez|version|assets|docs|problems|openapi)/.test(
        sample.labels.route ?? '',
      );
      if (sample.name !== name || isOurs) continue;
      const key = label === undefined ? name : (sample.labels[label] ?? '');
      found[key] = (found[key] ?? 0) + sample.value;
    }
    return found;
  },

  /** Increase of each sum; empty if any sum fell, because the server has restarted. */
  growth(before: readonly Sample[], now: readonly Sample[], name: string, label?: string): Numbers {
    const [from, to] = [this.sums(before, name, label), this.sums(now, name, label)];
    const grown = Object.entries(to).map(([key, value]) => [key, value - (from[key] ?? 0)] as const);
    return grown.some(([, by]) => by < 0) ? {} : Object.fromEntries(grown);
  },

  /** Mean of a histogram between the readings; null without observations. */
  mean(before: readonly Sample[], now: readonly Sample[], name: string): number | null {
    const sum = this.growth(before, now, `${name}_sum`)[`${name}_sum`] ?? 0;
    const count = this.growth(before, now, `${name}_count`)[`${name}_count`] ?? 0;
    return count === 0 ? null : sum / count;
  },

  /** Quantile from cumulative bucket counts, interpolated linearly; null without observations. */
  quantile(buckets: Numbers, share: number): number | null {
    const bounds = Object.entries(buckets)
      .map(([le, count]) => ({ bound: le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le), count }))
      .sort((one, other) => one.bound - other.bound);
    const rank = (bounds.at(-1)?.count ?? 0) * share;
    if (rank === 0) return null;
    let from = { bound: 0, count: 0 };
    for (const to of bounds) {
      if (to.count >= rank && to.count > from.count) {
        // Nothing is known above the highest finite bound.
        if (to.bound === Number.POSITIVE_INFINITY) return from.bound;
        return from.bound + (to.bound - from.bound) * ((rank - from.count) / (to.count - from.count));
      }
      from = to;
    }
    return from.bound;
  },

  /** Units of a drop by sku and state; empty if /metrics does not have them. */
  units(samples: readonly Sample[], slug: string): Record<string, Numbers> {
    const found: Record<string, Numbers> = {};
    for (const { name, labels, value } of samples) {
      if (name !== 'stampede_units' || labels.drop !== slug) continue;
      const sku = labels.sku ?? '';
      found[sku] = { ...found[sku], [labels.state ?? '']: value };
    }
    return found;
  },

  /** Figures for the `seconds` between readings; an empty first and 1 second give the totals. */
  moment(before: readonly Sample[], now: readonly Sample[], seconds: number): Moment {
    const requests = this.growth(before, now, 'stampede_http_requests_total', 'outcome');
    for (const outcome of Object.keys(requests)) requests[outcome] = (requests[outcome] ?? 0) / seconds;
    const answers = this.growth(before, now, 'stampede_http_request_seconds_bucket', 'le');
    const commits = this.growth(before, now, 'stampede_commit_seconds_bucket', 'le');
    const bytes = this.sums(now, 'stampede_wal_bytes').stampede_wal_bytes;
    return {
      requests,
      latency: {
        p50: this.milliseconds(this.quantile(answers, 0.5)),
        p95: this.milliseconds(this.quantile(answers, 0.95)),
        p99: this.milliseconds(this.quantile(answers, 0.99)),
      },
      queue: this.sums(now, 'stampede_queue_depth', 'priority'),
      batch: { mean: this.mean(before, now, 'stampede_batch_commands') },
      commit: {
        mean: this.milliseconds(this.mean(before, now, 'stampede_commit_seconds')),
        p99: this.milliseconds(this.quantile(commits, 0.99)),
      },
      wal: bytes === undefined ? {} : { MiB: bytes / 2 ** 20 },
      stock: {},
    };
  },

  milliseconds(seconds: number | null): number | null {
    return seconds === null ? null : seconds * 1000;
  },
};
