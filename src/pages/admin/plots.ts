/**
 * Live figures of the server and of a drop: tables without script, and the containers for plots.
 */
import { html } from 'hono/html';
import type { Html } from '../document.ts';
import type { Moment } from './readings.ts';
import { words } from './shown.ts';

const plots: readonly { name: keyof Moment; title: string; unit: string }[] = [
  { name: 'requests', title: 'Requests', unit: 'per second' },
  { name: 'latency', title: 'Response time', unit: 'ms' },
  { name: 'queue', title: 'Writer queue', unit: 'commands' },
  { name: 'batch', title: 'Batch size', unit: 'commands per commit' },
  { name: 'commit', title: 'Commit time', unit: 'ms' },
  { name: 'wal', title: 'Write-ahead log', unit: 'MiB' },
];

const shown = (value: number | null): string =>
  value === null ? '–' : value.toLocaleString('en', { maximumFractionDigits: Math.abs(value) < 10 ? 2 : 0 });

function plot(name: keyof Moment, title: string, unit: string, values: Record<string, number | null>): Html {
  const rows = Object.entries(values);
  return html`<figure class="plot" data-plot="${name}" data-unit="${unit}">
<figcaption><strong>${title}</strong> <span class="quiet" data-unit-shown>${name === 'requests' ? 'total' : unit}</span></figcaption>
<div class="canvas" aria-hidden="true"></div>
<table><tbody>${
    rows.length === 0
      ? html`<tr><th scope="row">none</th><td>–</td></tr>`
      : rows.map(
          ([series, value]) => html`<tr><th scope="row">${words(series)}</th><td>${shown(value)}</td></tr>`,
        )
  }</tbody></table>
</figure>`;
}

/** `totals` counts since the server started. */
export const livePlots = (totals: Moment): Html =>
  html`<div class="plots">${plots.map(({ name, title, unit }) => plot(name, title, unit, totals[name]))}</div>`;

/** The available units of a drop over time. */
export const stockPlot = (drop: { items: readonly { sku: string; available: number }[] }): Html =>
  plot(
    'stock',
    'Stock',
    'units available',
    Object.fromEntries(drop.items.map(({ sku, available }) => [sku, available])),
  );
