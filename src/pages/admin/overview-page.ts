/** The operator's start page: all drops, server readiness and live figures. */
import { html } from 'hono/html';
import type { Html } from '../document.ts';
import { adminPage } from './admin-document.ts';
import { livePlots, stockPlot } from './plots.ts';
import type { Moment } from './readings.ts';
import { number, phaseBadge, scrolled, stockBar, timeShown } from './shown.ts';
import type { DropView, ReadyView, RefusalView, Viewer } from './views.ts';

export interface Overview {
  viewer: Viewer;
  drops: readonly DropView[];
  /** The drop whose stock is plotted; null without drops. */
  chosen: DropView | null;
  /** Orders with an open dispute; on Workers, of the chosen drop only. */
  disputed: { count: number; hasMore: boolean };
  ready: ReadyView;
  totals: Moment;
  refusal: RefusalView | null;
}

const unitsOf = ({ items }: DropView) => {
  const sum = (count: 'stock' | 'held' | 'sold' | 'available'): number =>
    items.reduce((units, item) => units + item[count], 0);
  return { stock: sum('stock'), held: sum('held'), sold: sum('sold'), available: sum('available') };
};

function dropRow(drop: DropView, isChosen: boolean): Html {
  const units = unitsOf(drop);
  return html`<tr data-drop="${drop.slug}"${isChosen ? html` class="chosen"` : ''}>
<th scope="row"><a href="/admin/ui/drops/${drop.id}">${drop.title}</a><span class="quiet">${drop.slug}</span></th>
<td>${phaseBadge(drop.phase)}</td>
<td>${timeShown(drop.startsAt)}</td>
<td class="stock">${stockBar(units)}</td>
<td class="count" data-sum="available">${number(units.available)}</td>
<td class="count" data-sum="held">${number(units.held)}</td>
<td class="count" data-sum="sold">${number(units.sold)}</td>
<td class="count">${number(units.stock)}</td>
</tr>`;
}

const dropTable = ({ drops, chosen }: Overview): Html =>
  scrolled(
    'Drops',
    html`<table class="list"><thead><tr><th scope="col">Drop</th><th scope="col">Phase</th><th scope="col">Opens (UTC)</th><th scope="col"><span class="hidden">Stock chart</span></th><th scope="col" class="count">Available</th><th scope="col" class="count">Held</th><th scope="col" class="count">Sold</th><th scope="col" class="count">Stock</th></tr></thead>
<tbody>${drops.map((drop) => dropRow(drop, drop.id === chosen?.id))}</tbody></table>`,
  );

const state = ({ status, synchronous, ...ready }: ReadyView): Html =>
  html`<dl class="facts">
<div><dt>Server</dt><dd><span class="badge" data-ready="${status}">${status === 'ready' ? 'Ready' : 'Not ready'}</span></dd></div>
<div><dt>Commits</dt><dd>${synchronous === 'FULL' ? 'synced to disk before each response' : synchronous}</dd></div>
<div><dt>Readers</dt><dd>${number(ready.readersInUse)} of ${number(ready.readersOpen)} in use</dd></div>
<div><dt>Long reads</dt><dd>${number(ready.readQueueDepth)} waiting, ${number(ready.readThreadsOpen)} ${ready.readThreadsOpen === 1 ? 'thread' : 'threads'}</dd></div>
<div><dt>Write-ahead log</dt><dd>${(ready.walBytes / 2 ** 20).toFixed(1)} MiB</dd></div>
${ready.catalogueEventsBehind === undefined ? '' : html`<div><dt>Catalogue</dt><dd>Lag: ${number(ready.catalogueEventsBehind)} ${ready.catalogueEventsBehind === 1 ? 'event' : 'events'}</dd></div>`}
</dl>${ready.warning === undefined ? '' : html`<p class="alert">${ready.warning}</p>`}`;

const choice = ({ drops, chosen }: Overview): Html =>
  html`<form class="choice" method="get" action="/admin"><label for="drop">Stock of</label>
<select id="drop" name="drop">${drops.map(({ id, title }) => html`<option value="${id}"${id === chosen?.id ? html` selected` : ''}>${title}</option>`)}</select>
<button>Show</button></form>`;

function disputeAlert({ viewer, chosen, disputed: { count, hasMore } }: Overview): Html | '' {
  if (count === 0) return '';
  const dropId = viewer.isEdge && chosen ? { dropId: chosen.id } : {};
  const query = new URLSearchParams({ ...dropId, dispute: 'open' });
  const orders =
    count === 1 && !hasMore ? '1 order has' : `${hasMore ? 'More than ' : ''}${number(count)} orders have`;
  return html`<p class="alert">${orders} an open dispute${viewer.isEdge && chosen ? html` in ${chosen.title}` : ''}. <a href="/admin/ui/orders?${query}">Show disputed orders</a></p>`;
}

export function overviewPage(page: Overview): Response {
  const { viewer, drops, chosen, ready, totals, refusal } = page;
  return adminPage({
    viewer,
    refusal,
    title: 'Overview',
    section: '/admin',
    data: { live: 'on', ...(chosen && { drop: chosen.id, slug: chosen.slug }) },
    body: html`<div class="title"><h1>Overview</h1>${viewer.may('createDrop') ? html`<a class="button primary" href="/admin/ui/new-drop">New drop</a>` : ''}</div>
${state(ready)}
${disputeAlert(page)}
${
  viewer.may('adminListDrops')
    ? html`<section aria-labelledby="drops"><h2 id="drops">Drops</h2>
${drops.length === 0 ? html`<p class="quiet">No drops yet.</p>` : dropTable(page)}
</section>`
    : ''
}
<section aria-labelledby="now"><div class="title"><h2 id="now">Right now</h2><p class="quiet" data-span>Since the server started</p>${drops.length === 0 ? '' : choice(page)}</div>
${viewer.isEdge ? html`<p class="quiet">On Workers, these figures are those of the chosen drop’s object.</p>` : ''}
${chosen ? html`<div class="wide">${stockPlot(chosen)}</div>` : ''}
${livePlots(totals)}
</section>`,
  });
}
