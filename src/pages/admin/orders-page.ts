/** The orders of a drop or of all, by status or by a customer's address, a page at a time. */
import { html } from 'hono/html';
import { disputeStatuses, type OrderStatus } from '../../domain/order.ts';
import type { Html } from '../document.ts';
import { adminPage } from './admin-document.ts';
import { csrfField, field, formState } from './form-fields.ts';
import {
  amount,
  disputeBadge,
  disputeNames,
  number,
  scrolled,
  statusBadge,
  statusNames,
  timeShown,
} from './shown.ts';
import type { DropView, OrderView, RefusalView, Viewer } from './views.ts';

export interface OrdersPage {
  viewer: Viewer;
  /** Empty where the operator may not see drops. */
  drops: readonly Pick<DropView, 'id' | 'slug' | 'title'>[];
  orders: readonly OrderView[];
  nextCursor: string | null;
  /** What was asked for; an empty text: all. */
  asked: { dropId: string; status: string; dispute: string; email: string; cursor: string };
  refusal: RefusalView | null;
}

const path = '/admin/ui/orders';
const statuses = Object.keys(statusNames) as OrderStatus[];

/** Never with an address: what stands in a URL stands in the logs of every proxy. */
function linkTo(asked: Partial<OrdersPage['asked']>): string {
  const query = new URLSearchParams();
  for (const name of ['dropId', 'status', 'dispute', 'cursor'] as const)
    if (asked[name]) query.set(name, asked[name]);
  return query.size === 0 ? path : `${path}?${query}`;
}

function filters({ viewer, drops, asked, refusal }: OrdersPage): Html {
  const { dropId, status, dispute } = asked;
  const state = formState('search', asked, refusal && { form: 'search', values: asked, refusal });
  const tab = (name: string, change: { status?: string; dispute?: string }): Html => {
    const isCurrent = Object.entries(change).every(([key, value]) => value === { status, dispute }[key]);
    return html`<li><a href="${linkTo({ dropId, status, dispute, ...change })}"${isCurrent ? html` aria-current="true"` : ''}>${name}</a></li>`;
  };
  const hidden = (name: string, value: string): Html | '' =>
    value === '' ? '' : html`<input type="hidden" name="${name}" value="${value}">`;
  return html`<div class="card filters">
<form method="get" action="${path}" class="choice"><label for="dropId">Drop</label>
<select id="dropId" name="dropId"><option value="">All drops</option>${drops.map(({ id, title }) => html`<option value="${id}"${id === dropId ? html` selected` : ''}>${title}</option>`)}</select>
${hidden('status', status)}${hidden('dispute', dispute)}<button>Show</button></form>
<form method="post" action="${path}" class="choice">${csrfField(viewer)}
${hidden('dropId', dropId)}${hidden('status', status)}${hidden('dispute', dispute)}
${field(state, { name: 'email', label: 'Customer’s e-mail', type: 'email', autocomplete: 'off' })}<button>Find</button></form>
<nav aria-label="Status"><ul class="tabs">${tab('All', { status: '' })}${statuses.map((one) => tab(statusNames[one], { status: one }))}</ul></nav>
<nav aria-label="Dispute"><ul class="tabs">${tab('Disputed or not', { dispute: '' })}${disputeStatuses.map((one) => tab(disputeNames[one], { dispute: one }))}</ul></nav>
</div>`;
}

function orderTable({ drops, orders }: OrdersPage): Html {
  const titles = new Map(drops.map(({ id, title }) => [id, title]));
  const row = (order: OrderView): Html =>
    html`<tr><th scope="row"><a href="${path}/${order.id}">${titles.get(order.dropId) ?? 'Order'}, ${order.sku}</a><span class="quiet">No. ${order.number}</span><code class="quiet">${order.id}</code></th>
<td>${statusBadge(order.status)}${disputeBadge(order.dispute)}</td>
<td>${order.email ?? html`<span class="quiet">erased</span>`}${order.name === null ? '' : html`<span class="quiet">${order.name}</span>`}</td>
<td class="count">${number(order.quantity)}</td>
<td class="count">${amount(order.total, order.currency)}</td>
<td>${timeShown(order.createdAt)}</td></tr>`;
  return scrolled(
    'Orders',
    html`<table class="list"><thead><tr><th scope="col">Order</th><th scope="col">Status</th><th scope="col">Customer</th><th scope="col" class="count">Units</th><th scope="col" class="count">Total</th><th scope="col">Placed (UTC)</th></tr></thead>
<tbody>${orders.map(row)}</tbody></table>`,
  );
}

function pager({ viewer, asked, nextCursor }: OrdersPage): Html {
  const { dropId, status, dispute, email, cursor } = asked;
  const isSearch = email !== '';
  const older =
    nextCursor === null
      ? ''
      : isSearch
        ? html`<form method="post" action="${path}">${csrfField(viewer)}${Object.entries({ dropId, status, dispute, email, cursor: nextCursor }).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}<button>Older orders</button></form>`
        : html`<a class="button" href="${linkTo({ dropId, status, dispute, cursor: nextCursor })}">Older orders</a>`;
  return html`<div class="buttons">${cursor === '' || isSearch ? '' : html`<a class="button" href="${linkTo({ dropId, status, dispute })}">Newest orders</a>`}${older}</div>`;
}

export function ordersPage(page: OrdersPage): Response {
  const { viewer, orders, asked, refusal } = page;
  const chosen = page.drops.find(({ id }) => id === asked.dropId);
  return adminPage({
    viewer,
    refusal,
    title: 'Orders',
    section: path,
    body: html`<div class="title"><h1>Orders${chosen ? html` of ${chosen.title}` : ''}</h1>${chosen ? html`<a class="button" href="/admin/drops/${chosen.id}/orders.csv" download>As CSV</a>` : ''}</div>
${filters(page)}
${asked.email === '' || refusal ? '' : html`<p>Orders of <strong>${asked.email}</strong> · <a href="${linkTo(asked)}">all customers</a></p>`}
${orders.length === 0 ? html`<p class="quiet">No order fits.</p>` : orderTable(page)}
${pager(page)}
${viewer.isEdge && asked.dropId === '' ? html`<p class="quiet">On Workers the orders of all drops stand by drop, the newest drop first.</p>` : ''}`,
  });
}
