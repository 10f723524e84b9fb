/** Metrics in Prometheus' text format (version 0.0.4). */
import {
  type CounterName,
  counters,
  type HistogramName,
  histograms,
  labelSeparator,
  type MetricsState,
} from '../metrics.ts';

/** One value with its labels. */
export interface Sample {
  labels?: Readonly<Record<string, string>>;
  value: number;
}

/** Values that are read when they are asked for. */
export interface Family {
  name: string;
  type: 'counter' | 'gauge';
  help: string;
  samples: readonly Sample[];
}

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

const head = (name: string, type: string, help: string): string =>
  `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;

const familyText = ({ name, type, help, samples }: Family): string =>
  samples.length === 0
    ? ''
    : head(name, type, help) +
      samples.map(({ labels = {}, value }) => `${name}${labelText(labels)} ${value}\n`).join('');

function counterText(name: CounterName, state: MetricsState): string {
  const { help, labels } = counters[name];
  const samples = Object.entries(state.counters[name]).map(([values, value]) => {
    const parts = values.split(labelSeparator);
    return { labels: Object.fromEntries(labels.map((label, place) => [label, parts[place] ?? ''])), value };
  });
  return familyText({ name, type: 'counter', help, samples });
}

function histogramText(name: HistogramName, state: MetricsState): string {
  const { help, label, bounds } = histograms[name];
  const series = Object.entries(state.histograms[name]);
  if (series.length === 0) return '';
  const lines = series.flatMap(([value, { counts, sum }]) => {
    const own: Record<string, string> = label === null ? {} : { [label]: value };
    let total = 0;
    const buckets = [...bounds.map(String), '+Inf'].map((le, place) => {
      total += counts[place] ?? 0;
      return `${name}_bucket${labelText({ ...own, le })} ${total}\n`;
    });
    return [...buckets, `${name}_sum${labelText(own)} ${sum}\n`, `${name}_count${labelText(own)} ${total}\n`];
  });
  return head(name, 'histogram', help) + lines.join('');
}

export const metricsText = (state: MetricsState, families: readonly Family[]): string =>
  [
    ...(Object.keys(counters) as CounterName[]).map((name) => counterText(name, state)),
    ...(Object.keys(histograms) as HistogramName[]).map((name) => histogramText(name, state)),
    ...families.map(familyText),
  ].join('');
