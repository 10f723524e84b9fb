/**
 * Evaluates the alerts of deploy/prometheus-rules.yml against scrapes, with the subset of PromQL
 * that they use.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './server-process.ts';

export interface Scrape {
  /** Seconds. */
  at: number;
  /** The body of /metrics; null where the server did not answer. */
  text: string | null;
}

interface Rule {
  alert: string;
  expr: string;
  for: string;
}

const job = 'stampede';
type Labels = Readonly<Record<string, string>>;
interface Sample {
  labels: Labels;
  value: number;
}
/** Evaluates an expression at the time of each scrape up to the last. */
type Evaluate = (scrapes: readonly Scrape[]) => Sample[];

const secondsOf = (duration: string): number => {
  const [, count, unit] = /^(\d+)([smhd])$/.exec(duration) ?? [];
  if (!count || !unit) throw new Error(`Not a duration: ${duration}`);
  return Number(count) * { s: 1, m: 60, h: 3_600, d: 86_400 }[unit as 's' | 'm' | 'h' | 'd'];
};

const labelsOf = (text: string): Labels =>
  Object.fromEntries([...text.matchAll(/([a-z_]+)="([^"]*)"/g)].map(([, name, value]) => [name, value]));

const parsed = new WeakMap<Scrape, Map<string, Sample[]>>();

function parse({ text }: Scrape): Map<string, Sample[]> {
  const found = new Map<string, Sample[]>([['up', [{ labels: { job }, value: text === null ? 0 : 1 }]]]);
  for (const line of (text ?? '').split('\n')) {
    const [, name = '', labels = '', value] = /^([a-z_]+)(\{.*\})? (\S+)$/.exec(line) ?? [];
    const samples = found.get(name) ?? [];
    found.set(name, samples);
    samples.push({ labels: { job, ...labelsOf(labels) }, value: Number(value) });
  }
  return found;
}

function samplesOf(scrape: Scrape, name: string): readonly Sample[] {
  const samples = parsed.get(scrape) ?? parse(scrape);
  parsed.set(scrape, samples);
  return samples.get(name) ?? [];
}

interface Selector {
  name: string;
  matchers: readonly { label: string; matches: (value: string) => boolean }[];
}

const select = ({ name, matchers }: Selector, scrape: Scrape): Sample[] =>
  samplesOf(scrape, name).filter(({ labels }) =>
    matchers.every(({ label, matches }) => matches(labels[label] ?? '')),
  );

const keyOf = (labels: Labels): string => JSON.stringify(Object.entries(labels).sort());

/** The growth of each series within the window, between scrapes: a first value is no growth. */
function growth(selector: Selector, windowSeconds: number, scrapes: readonly Scrape[]): Sample[] {
  const now = scrapes.at(-1)?.at ?? 0;
  const series = new Map<string, { labels: Labels; values: number[] }>();
  for (const scrape of scrapes.filter(({ at }) => at > now - windowSeconds)) {
    for (const { labels, value } of select(selector, scrape)) {
      const known = series.get(keyOf(labels)) ?? { labels, values: [] };
      series.set(keyOf(labels), known);
      known.values.push(value);
    }
  }
  return [...series.values()].flatMap(({ labels, values }) => {
    if (values.length < 2) return [];
    const steps = values.slice(1).map((value, index) => {
      const before = values[index] ?? 0;
      return value < before ? value : value - before;
    });
    return [{ labels, value: steps.reduce((sum, step) => sum + step, 0) }];
  });
}

function sumBy(names: readonly string[], samples: readonly Sample[]): Sample[] {
  const sums = new Map<string, Sample>();
  for (const { labels, value } of samples) {
    const kept = Object.fromEntries(names.map((name) => [name, labels[name] ?? '']));
    const sum = sums.get(keyOf(kept))?.value ?? 0;
    sums.set(keyOf(kept), { labels: kept, value: sum + value });
  }
  return [...sums.values()];
}

/** Interpolates linearly within the bucket, as Prometheus does. */
function quantile(rank: number, buckets: readonly Sample[]): Sample[] {
  const sorted = buckets
    .map(({ labels, value }) => ({ bound: labels.le === '+Inf' ? Infinity : Number(labels.le), value }))
    .sort((one, other) => one.bound - other.bound);
  const total = sorted.at(-1)?.value ?? 0;
  const index = sorted.findIndex(({ value }) => value >= rank * total);
  if (total === 0 || index < 0) return [{ labels: {}, value: Number.NaN }];
  const [below, bucket] = [sorted[index - 1] ?? { bound: 0, value: 0 }, sorted[index]];
  if (!bucket || bucket.bound === Infinity) return [{ labels: {}, value: below.bound }];
  const share = (rank * total - below.value) / (bucket.value - below.value);
  return [{ labels: {}, value: below.bound + share * (bucket.bound - below.bound) }];
}

/** A parser of one expression; throws on syntax that it does not know. */
class Parser {
  #rest: string;

  constructor(text: string) {
    this.#rest = text.trim();
  }

  #take(pattern: RegExp): RegExpExecArray | null {
    const found = new RegExp(`^(?:${pattern.source})\\s*`).exec(this.#rest);
    if (found) this.#rest = this.#rest.slice(found[0].length);
    return found;
  }

  #must(pattern: RegExp): RegExpExecArray {
    const found = this.#take(pattern);
    if (!found) throw new Error(`${pattern} is expected at: ${this.#rest}`);
    return found;
  }

  #selector(): Selector {
    const [, name = '', text = ''] = this.#must(/([a-z_]+)(?:\{([^}]*)\})?/);
    const matchers = [...text.matchAll(/([a-z_]+)(=~?)"([^"]*)"/g)].map(
      ([, label = '', operator, wanted = '']) => {
        const pattern = new RegExp(`^(?:${wanted})$`);
        const matches = (value: string): boolean =>
          operator === '=' ? value === wanted : pattern.test(value);
        return { label, matches };
      },
    );
    return { name, matchers };
  }

  #term(): Evaluate {
    if (this.#take(/histogram_quantile\(/)) {
      const rank = Number(this.#must(/([\d.]+),/)[1]);
      const of = this.#term();
      this.#must(/\)/);
      return (scrapes) => quantile(rank, of(scrapes));
    }
    const sum = this.#take(/sum(?: by \(([a-z_, ]+)\) )?\(/);
    if (sum) {
      const of = this.#term();
      this.#must(/\)/);
      const names = (sum[1] ?? '').split(/, ?/).filter(Boolean);
      return (scrapes) => sumBy(names, of(scrapes));
    }
    const growing = this.#take(/(rate|increase)\(/);
    const selector = this.#selector();
    if (!growing) return (scrapes) => scrapes.slice(-1).flatMap((scrape) => select(selector, scrape));
    const seconds = secondsOf(this.#must(/\[(\w+)\]\)/)[1] ?? '');
    const divisor = growing[1] === 'rate' ? seconds : 1;
    return (scrapes) =>
      growth(selector, seconds, scrapes).map(({ labels, value }) => ({ labels, value: value / divisor }));
  }

  condition(): Evaluate {
    const left = this.#term();
    const right = this.#take(/\//) ? this.#term() : null;
    const [, operator = '', bound = ''] = this.#must(/(==|>) ([\d.e]+)/);
    if (this.#rest !== '') throw new Error(`Not understood: ${this.#rest}`);
    return (scrapes) => {
      const divisor = right?.(scrapes)[0]?.value ?? 1;
      const samples = left(scrapes).map(({ labels, value }) => ({ labels, value: value / divisor }));
      return samples.filter(({ value }) =>
        operator === '>' ? value > Number(bound) : value === Number(bound),
      );
    };
  }
}

const text = readFileSync(join(root, 'deploy/prometheus-rules.yml'), 'utf8');
const rules = text
  .split('- alert: ')
  .slice(1)
  .map((rule): Rule => {
    const [alert = ''] = rule.split('\n');
    // On one line, or folded over several lines with a deeper indent.
    const [, folded, line = ''] = /\n {8}expr: (?:>-\n((?: {10}.*\n)+)|(.*))/.exec(rule) ?? [];
    const [, duration = '0s'] = /\n {8}for: (\w+)/.exec(rule) ?? [];
    return { alert, expr: (folded ?? line).replaceAll(/\s+/g, ' '), for: duration };
  });
export const alertNames: readonly string[] = rules.map(({ alert }) => alert);

/** The alerts that fire at the last scrape; each rule is evaluated at every scrape. */
export function firing(scrapes: readonly Scrape[]): string[] {
  return rules
    .filter(({ expr, for: duration }) => {
      const condition = new Parser(expr).condition();
      let since: number | null = null;
      for (const [index, { at }] of scrapes.entries()) {
        since = condition(scrapes.slice(0, index + 1)).length > 0 ? (since ?? at) : null;
      }
      return since !== null && (scrapes.at(-1)?.at ?? 0) - since >= secondsOf(duration);
    })
    .map(({ alert }) => alert);
}
