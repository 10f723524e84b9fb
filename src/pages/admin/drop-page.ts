/** The page of one drop for operators: its state, and every action on it. */
import { html } from 'hono/html';
import type { Html } from '../document.ts';
import { adminPage } from './admin-document.ts';
import { itemRows, ruleFields, typedDrop, wordFields } from './drop-form.ts';
import { actionButton, csrfField, field, formState, keyField } from './form-fields.ts';
import { stockPlot } from './plots.ts';
import { amount, number, phaseBadge, scrolled, stockBar, timeShown } from './shown.ts';
import type { Attempt, DropView, ItemView, Viewer } from './views.ts';

export interface OperatedDropPage {
  viewer: Viewer;
  drop: DropView;
  attempt: Attempt | null;
}

/** Empty rows offered for new items. */
const NEW_ROWS = 3;

const itemRow = (item: ItemView, currency: string): Html =>
  html`<tr data-sku="${item.sku}" data-stock="${item.stock}"><th scope="row">${item.name}<span class="quiet">${item.sku}</span></th>
<td class="count">${amount(item.price, currency)}</td>
<td class="stock">${stockBar(item)}</td>
<td class="count" data-count="available">${number(item.available)}</td>
<td class="count" data-count="held">${number(item.held)}</td>
<td class="count" data-count="sold">${number(item.sold)}</td>
<td class="count" data-count="stock">${number(item.stock)}</td></tr>`;

const stockTable = ({ items, currency }: DropView): Html =>
  scrolled(
    'Stock',
    html`<table class="list"><thead><tr><th scope="col">Item</th><th scope="col" class="count">Price</th><th scope="col"><span class="hidden">Stock chart</span></th><th scope="col" class="count">Available</th><th scope="col" class="count">Held</th><th scope="col" class="count">Sold</th><th scope="col" class="count">Stock</th></tr></thead>
<tbody>${items.map((item) => itemRow(item, currency))}</tbody></table>`,
  );

/** Actions available in the drop's current state. */
function switches({ viewer, drop }: OperatedDropPage): Html {
  const to = (action: string): string => `/admin/ui/drops/${drop.id}/${action}`;
  const isOver = drop.phase === 'ended';
  return html`<div class="buttons">
${drop.published ? '' : actionButton(viewer, to('publish'), 'Publish', 'primary')}
${drop.published && !isOver ? (drop.paused ? actionButton(viewer, to('resume'), 'Resume', 'primary') : actionButton(viewer, to('pause'), 'Pause')) : ''}
${drop.published ? html`<details><summary>Unpublish…</summary><p>Buyers no longer see the drop. Orders stay as they are.</p>${actionButton(viewer, to('unpublish'), 'Make it a draft', 'warn')}</details>` : ''}
${isOver ? '' : html`<details><summary>Close…</summary><p>The drop ends now. Held orders can still be paid.</p>${actionButton(viewer, to('close'), 'End the drop now', 'warn')}</details>`}
</div>`;
}

function restockForm({ viewer, drop, attempt }: OperatedDropPage): Html {
  const state = formState('restock', { sku: drop.items[0]?.sku ?? '' }, attempt);
  return html`<form method="post" action="/admin/ui/drops/${drop.id}/restock" class="card">
<h2>Restock</h2>${csrfField(viewer)}${keyField(state)}
<div class="columns"><div class="field"><label for="restock-sku">Item</label><select id="restock-sku" name="sku">${drop.items.map(({ sku, name }) => html`<option value="${sku}"${state.value('sku') === sku ? html` selected` : ''}>${name}</option>`)}</select></div>
${field(state, { name: 'quantity', label: 'Units to add', type: 'number', isRequired: true, hint: 'A negative number removes available units.' }, 'restock-')}</div>
<button class="primary">Change stock</button>
</form>`;
}

function editForm({ viewer, drop, attempt }: OperatedDropPage): Html {
  const known = typedDrop(drop);
  const state = formState('edit', known, attempt);
  // Only fields that differ from these values change, so that two operators do not undo each
  // other's edits.
  const was = attempt?.form === 'edit' ? (attempt.values.was ?? '') : JSON.stringify(known);
  return html`<details class="card"${attempt?.form === 'edit' ? html` open` : ''}><summary><h2>Edit</h2></summary>
<form method="post" action="/admin/ui/drops/${drop.id}/edit">${csrfField(viewer)}${keyField(state)}
<input type="hidden" name="was" value="${was}">
${wordFields(state)}
${ruleFields(state)}
${itemRows(state, drop.items.length, drop.items.length + NEW_ROWS, drop.currency)}
<button class="primary">Save</button>
</form></details>`;
}

const facts = (drop: DropView): Html => html`<dl class="facts">
<div><dt>Opens (UTC)</dt><dd>${timeShown(drop.startsAt)}</dd></div>
<div><dt>Ends (UTC)</dt><dd>${drop.endsAt === null ? 'when you close it' : timeShown(drop.endsAt)}</dd></div>
<div><dt>Per customer</dt><dd>${drop.perCustomer === null ? 'no limit' : number(drop.perCustomer)}</dd></div>
<div><dt>Hold</dt><dd>${number(drop.holdSeconds)} s</dd></div>
${drop.jurisdiction ? html`<div><dt>Jurisdiction</dt><dd>${drop.jurisdiction.toUpperCase()}</dd></div>` : ''}
</dl>`;

function links({ viewer, drop }: OperatedDropPage): Html {
  return html`<ul class="links">
${drop.published ? html`<li><a href="/d/${drop.slug}">View in shop</a></li>` : ''}
${viewer.may('listOrders') ? html`<li><a href="/admin/ui/orders?dropId=${drop.id}">Orders</a></li>` : ''}${viewer.may('exportOrders') ? html`<li><a href="/admin/drops/${drop.id}/orders.csv" download>Orders as CSV</a></li>` : ''}
${viewer.may('audit') ? html`<li><a href="/admin/ui/drops/${drop.id}/certificate">Certificate</a></li>` : ''}
</ul>`;
}

export function operatedDropPage(page: OperatedDropPage): Response {
  const { viewer, drop, attempt } = page;
  return adminPage({
    viewer,
    title: drop.title,
    section: '/admin',
    refusal: attempt?.refusal,
    data: { live: 'on', drop: drop.id, slug: drop.slug, phase: drop.phase },
    body: html`<p class="crumb"><a href="/admin">Overview</a></p>
<div class="title"><h1>${drop.title}</h1><span id="phase">${phaseBadge(drop.phase)}</span></div>
${drop.unpayable === null ? '' : html`<p class="alert" role="alert"><strong>Buyers can’t pay.</strong> ${drop.unpayable}</p>`}
${links(page)}
${viewer.may('editDrop') ? switches(page) : ''}
${facts(drop)}
<section aria-labelledby="stock"><h2 id="stock">Stock</h2>${stockTable(drop)}
<div class="wide">${stockPlot(drop)}</div></section>
${viewer.may('restock') ? restockForm(page) : ''}${viewer.may('editDrop') ? editForm(page) : ''}`,
  });
}
