/** Formats metrics in the Prometheus text format (version 0.0.4). */
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

/** Values read at scrape time. */
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

/** Metrics of one of several servers, with labels that name it. */
export interface Part {
  labels: Readonly<Record<string, string>>;
  counted: MetricsState;
  families: readonly Family[];
}

function counterText(name: CounterName, parts: readonly Part[]): string {
  const { help, labels: names } = counters[name];
  const samples = parts.flatMap(({ labels, counted }) =>
    Object.entries(counted.counters[name]).map(([values, value]) => {
      const texts = values.split(labelSeparator);
      const own = Object.fromEntries(names.map((label, index) => [label, texts[index] ?? '']));
      return { labels: { ...labels, ...own }, value };
    }),
  );
  return familyText({ name, type: 'counter', help, samples });
}

function histogramText(name: HistogramName, parts: readonly Part[]): string {
  const { help, label, bounds } = histograms[name];
  const lines = parts.flatMap(({ labels, counted }) =>
    Object.entries(counted.histograms[name]).flatMap(([value, { counts, sum }]) => {
      const own = label === null ? labels : { ...labels, [label]: value };
      let total = 0;
      const buckets = [...bounds.map(String), '+Inf'].map((le, index) => {
        total += counts[index] ?? 0;
        return `${name}_bucket${labelText({ ...own, le })} ${total}\n`;
      });
      return [
        ...buckets,
        `${name}_sum${labelText(own)} ${sum}\n`,
        `${name}_count${labelText(own)} ${total}\n`,
      ];
    }),
  );
  return lines.length === 0 ? '' : head(name, 'histogram', help) + lines.join('');
}

/** Merges the families of all parts, and labels each sample with its part. */
function joinedFamilies(parts: readonly Part[]): Family[] {
  const labelled = parts.flatMap(({ labels, families }) =>
    families.map((family) => ({
      ...family,
      samples: family.samples.map((sample) => ({ ...sample, labels: { ...labels, ...sample.labels } })),
    })),
  );
  return [...Map.groupBy(labelled, ({ name }) => name).values()].flatMap(([first, ...others]) =>
    first ? [{ ...first, samples: [first, ...others].flatMap(({ samples }) => samples) }] : [],
  );
}

/** `families` are those of all parts together. */
export const joinedMetricsText = (parts: readonly Part[], families: readonly Family[]): string =>
  [
    ...(Object.keys(counters) as CounterName[]).map((name) => counterText(name, parts)),
    ...(Object.keys(histograms) as HistogramName[]).map((name) => histogramText(name, parts)),
    ...[...joinedFamilies(parts), ...families].map(familyText),
  ].join('');

export const metricsText = (counted: MetricsState, families: readonly Family[]): string =>
  joinedMetricsText([{ labels: {}, counted, families }], []);
