/** A load run as one HTML page with plots; works without network and scripts. */
import { arch, cpus, totalmem, type } from 'node:os';
import type { Percentiles } from '../../src/crowd/percentiles.ts';
import { outcomes } from './outcomes.ts';
import { escaped, type Plot, plotSvg } from './plot.ts';
import type { LoadReport } from './run.ts';

const style = `
:root{color-scheme:light dark;--paper:#fff;--ink:#1a1d21;--soft:#667;--rule:#e3e6ea;--good:#0a7d43;--bad:#c02626;
--line-1:#2563eb;--line-2:#e0631b;--line-3:#0d9467;--line-4:#9333ea}
@media(prefers-color-scheme:dark){:root{--paper:#14171b;--ink:#e8eaed;--soft:#9aa3ad;--rule:#2b3138;--good:#3ecf8e;--bad:#ff6b6b;
--line-1:#6ea8fe;--line-2:#ff9d5c;--line-3:#4fd1a5;--line-4:#c792ff}}
*{box-sizing:border-box}body{margin:0 auto;padding:2rem 1rem 4rem;max-width:72rem;background:var(--paper);color:var(--ink);
font:16px/1.5 system-ui,sans-serif}h1{font-size:1.6rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem}p{margin:.25rem 0;color:var(--soft)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:.75rem;margin:1.5rem 0}
.tile{border:1px solid var(--rule);border-radius:.5rem;padding:.75rem 1rem}.tile b{display:block;font-size:1.5rem;font-variant-numeric:tabular-nums}
.tile span{color:var(--soft);font-size:.85rem}table{border-collapse:collapse;font-variant-numeric:tabular-nums}.scroll{overflow-x:auto}
th,td{padding:.3rem .9rem .3rem 0;text-align:right;border-bottom:1px solid var(--rule)}th:first-child,td:first-child{text-align:left}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(30rem,100%),1fr));gap:1.5rem}figure{margin:0}figcaption{font-weight:600}
svg{width:100%;height:auto}svg path{fill:none;stroke-width:2;stroke-linejoin:round}.grid{stroke:var(--rule)}.tick,.axis{fill:var(--soft);font-size:12px}
.legend{display:flex;gap:1rem;font-size:.85rem;color:var(--soft)}.legend i{display:inline-block;width:.8rem;height:.2rem;margin-right:.35rem;vertical-align:middle}
ul{list-style:none;padding:0}.good{color:var(--good)}.bad{color:var(--bad)}`;

const ms = (value: number): string => (value < 100 ? value.toFixed(2) : value.toFixed(0));
const count = (value: number): string => value.toLocaleString('en');
const seconds = { title: 'seconds' };
const nines = [0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999];

/** The slow tail matters most to readers, so each nine gets the same width. */
const rarity = (part: number): number => 1 / (1 - part);

function plotsOf({ result, samples, profile }: LoadReport): Plot[] {
  const { distribution, series } = result;
  const rare = (name: 'all' | 'reads' | 'writes') => ({
    name,
    points: distribution[name].map(([part, at]) => [rarity(part), at] as const),
  });
  // The last second is incomplete: rates divided by it would be noise.
  const whole = series.filter(({ elapsedMs }) => elapsedMs / 1000 <= profile.seconds + 0.5);
  const rates = (figure: (progress: (typeof whole)[number]) => number) =>
    whole.map((progress, index) => {
      const before = whole[index - 1];
      const elapsed = (progress.elapsedMs - (before?.elapsedMs ?? 0)) / 1000;
      return [
        progress.elapsedMs / 1000,
        (figure(progress) - (before ? figure(before) : 0)) / elapsed,
      ] as const;
    });
  const overTime = (figure: (recent: Percentiles) => number) =>
    whole.map(({ elapsedMs, recentMs }) => [elapsedMs / 1000, figure(recentMs)] as const);
  const sampled = (figure: (sample: (typeof samples)[number]) => number | null) =>
    samples.flatMap((sample) => {
      const value = figure(sample);
      return value === null ? [] : [[sample.elapsedMs / 1000, value] as const];
    });
  return [
    {
      title: 'Latency from the intended start, by percentile',
      x: {
        title: 'percentile',
        isLogarithmic: true,
        ticks: nines
          .filter((part) => rarity(part) <= result.done)
          .map((part) => [rarity(part), `${Number((part * 100).toPrecision(7))}`] as const),
      },
      y: { title: 'ms', isLogarithmic: true },
      lines: [rare('all'), rare('reads'), rare('writes')],
    },
    {
      title: 'Latency over time',
      x: seconds,
      y: { title: 'ms' },
      lines: [
        { name: 'p50', points: overTime(({ p50 }) => p50) },
        { name: 'p95', points: overTime(({ p95 }) => p95) },
        { name: 'p99', points: overTime(({ p99 }) => p99) },
      ],
    },
    {
      title: 'Throughput',
      x: seconds,
      y: { title: 'a second' },
      lines: [
        { name: 'offered', points: rates(({ offered }) => offered) },
        { name: 'done', points: rates(({ done }) => done) },
        { name: 'dropped', points: rates(({ dropped }) => dropped) },
        { name: 'shed', points: rates(({ shed }) => shed) },
      ],
    },
    {
      title: 'Purchases that wait for the writer',
      x: seconds,
      y: { title: 'commands' },
      lines: [{ name: 'queue depth', points: sampled(({ queueDepth }) => queueDepth) }],
    },
    {
      title: 'Group commit',
      x: seconds,
      y: { title: 'commands per commit' },
      lines: [{ name: 'batch size', points: sampled(({ batchSize }) => batchSize) }],
    },
    {
      title: 'Commits and the write-ahead log',
      x: seconds,
      y: { title: 'a second; pages' },
      lines: [
        { name: 'commits a second', points: sampled(({ batchesPerSecond }) => batchesPerSecond) },
        { name: 'WAL pages', points: sampled(({ walPages }) => walPages) },
      ],
    },
  ];
}

const tile = (value: string, name: string): string =>
  `<div class="tile"><b>${escaped(value)}</b><span>${escaped(name)}</span></div>`;

const row = (name: string, figures: Percentiles): string =>
  `<tr><td>${name}</td>${[figures.p50, figures.p95, figures.p99, figures.p999, figures.max]
    .map((value) => `<td>${ms(value)}</td>`)
    .join('')}<td>${count(figures.count)}</td></tr>`;

/** Returns the whole page. `now` is the end of the run. */
export function reportHtml(report: LoadReport, now: Date): string {
  const { contender, profile, result, checks, passed } = report;
  const { latencyMs, latenessMs } = result;
  const [processor] = cpus();
  const machine = `${cpus().length} × ${processor?.model.trim() ?? arch()}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, ${type()}`;
  const title = `Stampede under load: ${profile.name} on ${contender}`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title><style>${style}</style></head>
<body><h1>${escaped(title)}</h1>
<p>${escaped(profile.about)}: ${count(profile.ratePerSecond)} requests a second for ${profile.seconds} s, ${Math.round(profile.readShare * 100)} % reads, open loop, SQLite at FULL.</p>
<p>${escaped(machine)}; generator and server share it. ${now.toISOString()}</p>
<div class="tiles">
${tile(count(Math.round(result.done / (result.elapsedMs / 1000))), 'requests a second')}
${tile(`${ms(latencyMs.all.p50)} ms`, 'p50')}
${tile(`${ms(latencyMs.all.p95)} ms`, 'p95')}
${tile(`${ms(latencyMs.all.p99)} ms`, 'p99')}
${tile(count(result.outcomes.held), 'purchases committed')}
${tile(count(result.outcomes.error), 'errors')}
${tile(count(result.dropped), 'dropped')}
</div>
<div class="plots">${plotsOf(report).map(plotSvg).join('')}</div>
<h2>Latency, ms</h2>
<div class="scroll"><table><tr><th></th><th>p50</th><th>p95</th><th>p99</th><th>p99.9</th><th>max</th><th>requests</th></tr>
${row('all', latencyMs.all)}${row('reads', latencyMs.reads)}${row('writes', latencyMs.writes)}${latencyMs.payments.count > 0 ? row('payments alone', latencyMs.payments) : ''}${row('generator late by', latenessMs)}</table></div>
<p>Latency is measured from the time an arrival was due, so it includes the generator's lateness. The generator used ${(result.generatorCores * 100).toFixed(0)} % of a core.</p>
<h2>Outcomes</h2>
<div class="scroll"><table>${outcomes
    .filter((outcome) => result.outcomes[outcome] > 0)
    .map((outcome) => `<tr><td>${outcome}</td><td>${count(result.outcomes[outcome])}</td></tr>`)
    .join('')}</table></div>
<h2>Checks: <span class="${passed ? 'good' : 'bad'}">${passed ? 'all passed' : 'FAILED'}</span></h2>
<ul>${checks
    .map(
      (check) =>
        `<li><span class="${check.passed ? 'good' : 'bad'}">${check.passed ? '✓' : '✗'}</span> ${escaped(check.name)} <small>(${escaped(check.detail)})</small></li>`,
    )
    .join('')}</ul>
</body></html>
`;
}
