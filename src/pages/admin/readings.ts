/** What two readings of /metrics say of the time between them: rates, quantiles and depths, for the tables and for the plots. */

/** One line of Prometheus' text. */
export interface Sample {
  name: string;
  labels: Readonly<Record<string, string>>;
  value: number;
}

type Numbers = Record<string, number>;

/** A moment as the plots know it: a number, or null, for each series of each plot. */
export interface Moment {
  requests: Numbers;
  latency: Record<string, number | null>;
  queue: Numbers;
  batch: Record<string, number | null>;
  commit: Record<string, number | null>;
  wal: Numbers;
  stock: Numbers;
}

// The browser is sent the source of these very methods (readings-script.ts), so they may use nothing but their arguments and
// each other through `this`: no import, no name from outside, and no function with a name of its own inside of them.
export const readings = {
  /** What can't be read is passed over. */
  read(text: string): Sample[] {
    return text.split('\n').flatMap((line) => {
      const [, name, labels, value] = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line) ?? [];
      if (name === undefined || !Number.isFinite(Number(value))) return [];
      const pairs = [...(labels ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map((pair) => [
        pair[1] ?? '',
        (pair[2] ?? '').replace(/\\(.)/g, (_, letter) => (letter === 'n' ? '\n' : letter)),
      ]);
      return [{ name, labels: Object.fromEntries(pairs), value: Number(value) }];
    });
  },

  /** The sums of a metric by one of its labels; without the label, under the metric's own name. */
  sums(samples: readonly Sample[], name: string, label?: string): Numbers {
    const found: Numbers = {};
    for (const sample of samples) {
      // What the operator and the monitors ask is no part of the stampede.
      const isOurs = /^\/(?:admin|metrics|readyz|livez|version|assets|docs|problems|openapi)/.test(
        sample.labels.route ?? '',
      );
      if (sample.name !== name || isOurs) continue;
      const key = label === undefined ? name : (sample.labels[label] ?? '');
      found[key] = (found[key] ?? 0) + sample.value;
    }
    return found;
  },

  /** What was added to each sum; nothing where one fell: then the server has begun anew. */
  growth(before: readonly Sample[], now: readonly Sample[], name: string, label?: string): Numbers {
    const [from, to] = [this.sums(before, name, label), this.sums(now, name, label)];
    const grown = Object.entries(to).map(([key, value]) => [key, value - (from[key] ?? 0)] as const);
    return grown.some(([, by]) => by < 0) ? {} : Object.fromEntries(grown);
  },

  /** Of what a histogram has counted in between; null where that is nothing. */
  mean(before: readonly Sample[], now: readonly Sample[], name: string): number | null {
    const sum = this.growth(before, now, `${name}_sum`)[`${name}_sum`] ?? 0;
    const count = this.growth(before, now, `${name}_count`)[`${name}_count`] ?? 0;
    return count === 0 ? null : sum / count;
  },

  /** By cumulative counts under their upper bounds, straight within a bucket; null where nothing was counted. */
  quantile(buckets: Numbers, share: number): number | null {
    const bounds = Object.entries(buckets)
      .map(([le, count]) => ({ bound: le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le), count }))
      .sort((one, other) => one.bound - other.bound);
    const rank = (bounds.at(-1)?.count ?? 0) * share;
    if (rank === 0) return null;
    let from = { bound: 0, count: 0 };
    for (const to of bounds) {
      if (to.count >= rank && to.count > from.count) {
        // Above the highest bound nothing more is known.
        if (to.bound === Number.POSITIVE_INFINITY) return from.bound;
        return from.bound + (to.bound - from.bound) * ((rank - from.count) / (to.count - from.count));
      }
      from = to;
    }
    return from.bound;
  },

  /** The units of a drop by sku and state, as /metrics tells them; empty where it does not. */
  units(samples: readonly Sample[], slug: string): Record<string, Numbers> {
    const found: Record<string, Numbers> = {};
    for (const { name, labels, value } of samples) {
      if (name !== 'stampede_units' || labels.drop !== slug) continue;
      const sku = labels.sku ?? '';
      found[sku] = { ...found[sku], [labels.state ?? '']: value };
    }
    return found;
  },

  /** What happened in the `seconds` between two readings; with an empty first one and one second, all that was ever counted. */
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
