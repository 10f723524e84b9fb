/** What is counted and timed while the server works: plain numbers that cost next to nothing to add to. */

const secondsBounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const commandsBounds = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

/** Every counter, with the names of its labels. */
export const counters = {
  stampede_http_requests_total: {
    help: 'Requests answered, by route and by outcome: ok, or the code of the refusal.',
    labels: ['method', 'route', 'outcome'],
  },
  stampede_commands_total: {
    help: 'Commands that the writer has answered, by their outcome.',
    labels: ['command', 'outcome'],
  },
  stampede_letters_over_bound_total: {
    help: 'Letters over their recipient’s hourly bound: letters about holds are dropped, letters about money wait.',
    labels: ['allowance'],
  },
  stampede_deliveries_given_up_total: {
    help: 'Events that will not be delivered to a subscriber.',
    labels: ['subscriber'],
  },
  stampede_payments_ignored_total: {
    help: 'Payments that were not recorded: another shop’s on the same account, of a drop that has moved, or ours with an order that cannot be read or was lost with its mark.',
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
    help: 'Time of one group commit: its commands and its COMMIT.',
    label: null,
    bounds: secondsBounds,
  },
  stampede_fsync_seconds: {
    help: 'Time of COMMIT alone: writing the log and its fsync.',
    label: null,
    bounds: secondsBounds,
  },
  stampede_checkpoint_seconds: {
    help: 'Time of copying the write-ahead log into the file.',
    label: null,
    bounds: secondsBounds,
  },
  stampede_snapshot_age_seconds: {
    help: 'Age of a commit when the readers of a thread see it first.',
    label: null,
    bounds: secondsBounds,
  },
} as const;

export type CounterName = keyof typeof counters;
export type HistogramName = keyof typeof histograms;

/** One histogram under one label: `counts` has a place for each bound, and one for all above them. */
export interface HistogramState {
  counts: number[];
  sum: number;
}

/** All of it as plain values: to be told to another thread, or to be added up. Keys are the labels' values. */
export interface MetricsState {
  counters: Record<CounterName, Record<string, number>>;
  histograms: Record<HistogramName, Record<string, HistogramState>>;
}

const counterNames = Object.keys(counters) as CounterName[];
const histogramNames = Object.keys(histograms) as HistogramName[];
/** Between the values of several labels: none of them holds it. */
export const labelSeparator = ' ';

/** What one thread has counted since it started. */
export class Metrics {
  readonly #counters = new Map<CounterName, Map<string, number>>(
    counterNames.map((name) => [name, new Map()]),
  );
  readonly #histograms = new Map<HistogramName, Map<string, HistogramState>>(
    histogramNames.map((name) => [name, new Map()]),
  );

  /** `labels` are the values in the order of the counter's labels, with `labelSeparator` between them. */
  count(name: CounterName, labels: string): void {
    const values = this.#counters.get(name);
    values?.set(labels, (values.get(labels) ?? 0) + 1);
  }

  /** Seconds, or whatever the bounds of the histogram are in. */
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

/** The states of several threads as that of one. */
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
