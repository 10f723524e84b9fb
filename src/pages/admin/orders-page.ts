/** The list of orders, for one drop or all, filtered by status, dispute or e-mail address. */
import { html } from 'hono/html';
import { disputeStatuses, type OrderStatus, unitsOf } from '../../domain/order.ts';
import type { Html } from '../document.ts';
import { adminPage } from './admin-document.ts';
import { csrfField, field, formState } from './form-fields.ts';
import {
  amount,
  type Column,
  cardList,
  disputeBadge,
  disputeNames,
  number,
  statusBadge,
  statusNames,
  timeShown,
} from './shown.ts';
import type { DropView, OrderView, RefusalView, Viewer } from './views.ts';

export interface OrdersPage {
  viewer: Viewer;
  /** Empty if the operator may not read drops. */
  drops: readonly Pick<DropView, 'id' | 'slug' | 'title'>[];
  orders: readonly OrderView[];
  nextCursor: string | null;
  /** The requested filters; an empty string means all. */
  asked: { dropId: string; status: string; dispute: string; email: string; cursor: string };
  refusal: RefusalView | null;
}

const path = '/admin/ui/orders';
const statuses = Object.keys(statusNames) as OrderStatus[];

/** Omits the e-mail address: URLs end up in the logs of every proxy. */
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
  const columns: Column<OrderView>[] = [
    {
      name: 'Order',
      cell: ({ id, dropId, items, number: orderNumber }) =>
        html`<a href="${path}/${id}">${titles.get(dropId) ?? 'Order'}, ${items.map(({ sku }) => sku).join(', ')}</a><span class="quiet">No. ${orderNumber}</span><code class="quiet">${id}</code>`,
    },
    { name: 'Status', cell: ({ status, dispute }) => html`${statusBadge(status)}${disputeBadge(dispute)}` },
    {
      name: 'Customer',
      cell: ({ email, name }) =>
        html`${email ?? html`<span class="quiet">deleted</span>`}${name === null ? '' : html`<span class="quiet">${name}</span>`}`,
    },
    { name: 'Units', isCount: true, cell: ({ items }) => number(unitsOf(items)) },
    { name: 'Total', isCount: true, cell: ({ total, currency }) => amount(total, currency) },
    { name: 'Placed (UTC)', cell: ({ createdAt }) => timeShown(createdAt) },
  ];
  return cardList('Orders', columns, orders);
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
${orders.length === 0 ? html`<p class="quiet">No orders found.</p>` : orderTable(page)}
${pager(page)}
${viewer.isEdge && asked.dropId === '' ? html`<p class="quiet">On Workers, orders of all drops are grouped by drop, newest drop first.</p>` : ''}`,
  });
}
