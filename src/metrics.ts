/** Counters and histograms of the server: plain numbers that are cheap to update. */

const secondsBounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const commandsBounds = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

/** Every counter, with the names of its labels. */
export const counters = {
  stampede_http_requests_total: {
    help: 'Requests answered, by route and by outcome: ok, or the code of the refusal.',
    labels: ['method', 'route', 'outcome'],
  },
  stampede_commands_total: {
    help: 'Commands that the writer has answered, by outcome.',
    labels: ['command', 'outcome'],
  },
  stampede_mails_over_limit_total: {
    help: 'E-mails over their recipient’s hourly limit: those about holds are dropped, those about money wait.',
    labels: ['allowance'],
  },
  stampede_deliveries_given_up_total: {
    help: 'Events that will not be delivered to a subscriber.',
    labels: ['subscriber'],
  },
  stampede_payments_ignored_total: {
    help: 'Payments that were not recorded: of another shop on the same account, of a drop that has moved, or ours with an order that cannot be read or was lost with its mark.',
    labels: ['reason'],
  },
} as const;

/** Every histogram, with the name of its label and the upper bounds of its buckets. */
export const histograms = {
  stampede_http_request_seconds: {
    help: 'Time from a request to its answer, by route.',
    label: 'route',
    bounds: secondsBounds,
  },
  stampede_batch_commands: {
    help: 'Commands that shared one commit.',
    label: null,
    bounds: commandsBounds,
  },
  stampede_commit_seconds: {
    help: 'Duration of one group commit: its commands and its COMMIT.',
    label: null,
    bounds: secondsBounds,
  },
  stampede_fsync_seconds: {
    help: 'Duration of COMMIT alone: writing the log and its fsync.',
    label: null,
    bounds: secondsBounds,
  },
  stampede_checkpoint_seconds: {
    help: 'Duration of copying the write-ahead log into the database file.',
    label: null,
    bounds: secondsBounds,
  },
  stampede_snapshot_age_seconds: {
    help: 'Age of a commit when the readers of a thread first see it.',
    label: null,
    bounds: secondsBounds,
  },
} as const;

export type CounterName = keyof typeof counters;
export type HistogramName = keyof typeof histograms;

/** A histogram for one label value: `counts` has an entry per bound, and one above them. */
export interface HistogramState {
  counts: number[];
  sum: number;
}

/**
 * All metrics as plain values, to send to another thread or to add up. Keys are the labels' values.
 */
export interface MetricsState {
  counters: Record<CounterName, Record<string, number>>;
  histograms: Record<HistogramName, Record<string, HistogramState>>;
}

const counterNames = Object.keys(counters) as CounterName[];
const histogramNames = Object.keys(histograms) as HistogramName[];
/** Separates the values of several labels; no value contains it. */
export const labelSeparator = ' ';

/** The metrics that one thread has counted since it started. */
export class Metrics {
  readonly #counters = new Map<CounterName, Map<string, number>>(
    counterNames.map((name) => [name, new Map()]),
  );
  readonly #histograms = new Map<HistogramName, Map<string, HistogramState>>(
    histogramNames.map((name) => [name, new Map()]),
  );

  /** `labels` are the label values in order, joined with `labelSeparator`. */
  count(name: CounterName, labels: string): void {
    const values = this.#counters.get(name);
    values?.set(labels, (values.get(labels) ?? 0) + 1);
  }

  /** Seconds, or the unit of the histogram's bounds. */
  observe(name: HistogramName, value: number, label = ''): void {
    const states = this.#histograms.get(name);
    if (!states) return;
    const { bounds } = histograms[name];
    let state = states.get(label);
    if (!state) {
      state = { counts: new Array<number>(bounds.length + 1).fill(0), sum: 0 };
      states.set(label, state);
    }
    let index = 0;
    while (index < bounds.length && value > (bounds[index] ?? 0)) index += 1;
    state.counts[index] = (state.counts[index] ?? 0) + 1;
    state.sum += value;
  }

  state(): MetricsState {
    const plain = <Name extends string, Value>(all: Map<Name, Map<string, Value>>) =>
      Object.fromEntries([...all].map(([name, values]) => [name, Object.fromEntries(values)]));
    return {
      counters: plain(this.#counters) as MetricsState['counters'],
      histograms: plain(this.#histograms) as MetricsState['histograms'],
    };
  }
}

/** Adds up the states of several threads. */
export function addUp(states: readonly MetricsState[]): MetricsState {
  const sum = new Metrics().state();
  for (const state of states) {
    for (const name of counterNames) {
      for (const [labels, value] of Object.entries(state.counters[name])) {
        sum.counters[name][labels] = (sum.counters[name][labels] ?? 0) + value;
      }
    }
    for (const name of histogramNames) {
      for (const [label, { counts, sum: more }] of Object.entries(state.histograms[name])) {
        const known = sum.histograms[name][label];
        sum.histograms[name][label] = known
          ? {
              counts: known.counts.map((count, index) => count + (counts[index] ?? 0)),
              sum: known.sum + more,
            }
          : { counts: [...counts], sum: more };
      }
    }
  }
  return sum;
}
