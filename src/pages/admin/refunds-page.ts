/** Money on its way back, sent back, and given up; and the button that asks the providers. */
import { html } from 'hono/html';
import type { Html } from '../document.ts';
import { adminPage } from './admin-document.ts';
import { actionButton, settleForm } from './form-fields.ts';
import { amount, number, scrolled, timeShown, words } from './shown.ts';
import type { Attempt, RefundView, RefusalView, Viewer } from './views.ts';

export interface RefundsPage {
  viewer: Viewer;
  status: string;
  cursor: string;
  refunds: readonly RefundView[];
  nextCursor: string | null;
  refusal: RefusalView | null;
  attempt: Attempt | null;
}

const path = '/admin/ui/refunds';
const tabs = [
  { status: 'failed', name: 'Given up' },
  { status: 'pending', name: 'Pending' },
  { status: 'sent', name: 'Sent' },
  { status: 'settled', name: 'Settled by hand' },
];

function refundTable({ viewer, status, cursor, refunds, attempt }: RefundsPage): Html {
  // A refused form shows the same page of the list again.
  const query = cursor === '' ? '' : `?${new URLSearchParams({ cursor })}`;
  const actionOf = (refund: RefundView, action: string): string => `${path}/${refund.id}/${action}${query}`;
  const mayRetry = status === 'failed' && viewer.scopes.has('refunds:write');
  const row = (refund: RefundView): Html =>
    html`<tr><th scope="row">${refund.orderId === null ? 'Money for no order' : html`<a href="/admin/ui/orders/${refund.orderId}">Order</a>`}<code class="quiet">${refund.id}</code></th>
<td>${words(refund.reason)}</td><td class="count">${amount(refund.amount, refund.currency)}</td><td>${refund.provider}</td>
<td class="count">${number(refund.attempts)}</td><td>${refund.note ?? refund.lastErrorDetail ?? '–'}</td>
<td>${timeShown(refund.createdAt)}</td><td>${timeShown(refund.sentAt)}</td>
${mayRetry ? html`<td>${actionButton(viewer, actionOf(refund, 'retry'), 'Try again')}${settleForm(viewer, refund.id, actionOf(refund, 'settle'), attempt)}</td>` : ''}</tr>`;
  return scrolled(
    'Refunds',
    html`<table class="list"><thead><tr><th scope="col">Refund</th><th scope="col">Reason</th><th scope="col" class="count">Amount</th><th scope="col">Provider</th><th scope="col" class="count">Attempts</th><th scope="col">${status === 'settled' ? 'Note' : 'Last error'}</th><th scope="col">Due (UTC)</th><th scope="col">Sent (UTC)</th>${mayRetry ? html`<th scope="col"><span class="hidden">Action</span></th>` : ''}</tr></thead><tbody>${refunds.map(row)}</tbody></table>`,
  );
}

export function refundsPage(page: RefundsPage): Response {
  const { viewer, status, cursor, refunds, nextCursor, refusal } = page;
  return adminPage({
    viewer,
    refusal,
    title: 'Refunds',
    section: path,
    body: html`<div class="title"><h1>Refunds</h1>${viewer.scopes.has('refunds:write') ? actionButton(viewer, `${path}/reconcile`, 'Ask the payment providers') : ''}</div>
<p class="quiet">Refunds are sent by themselves and tried again for more than a day. The payment providers are asked about every checkout whose end is not known, for webhooks that never came.</p>
<nav aria-label="Status"><ul class="tabs">${tabs.map((tab) => html`<li><a href="${path}?status=${tab.status}"${tab.status === status ? html` aria-current="true"` : ''}>${tab.name}</a></li>`)}</ul></nav>
${refunds.length === 0 ? html`<p class="quiet">${status === 'failed' ? 'No refund was given up.' : 'There is none.'}</p>` : refundTable(page)}
<div class="buttons">${cursor === '' ? '' : html`<a class="button" href="${path}?status=${status}">Newest</a>`}${nextCursor === null ? '' : html`<a class="button" href="${path}?${new URLSearchParams({ status, cursor: nextCursor })}">Older</a>`}</div>`,
  });
}
