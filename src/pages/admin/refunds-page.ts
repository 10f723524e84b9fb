/** Refunds that are pending, sent, failed or settled by hand, and the button that reconciles. */
import { html } from 'hono/html';
import type { Html } from '../document.ts';
import { adminPage } from './admin-document.ts';
import { actionButton, settleForm } from './form-fields.ts';
import { amount, type Column, cardList, number, timeShown, words } from './shown.ts';
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
  { status: 'failed', name: 'Failed' },
  { status: 'pending', name: 'Pending' },
  { status: 'sent', name: 'Sent' },
  { status: 'settled', name: 'Settled by hand' },
];

function refundTable({ viewer, status, cursor, refunds, attempt }: RefundsPage): Html {
  // A rejected form shows the same page of the list again.
  const query = cursor === '' ? '' : `?${new URLSearchParams({ cursor })}`;
  const actionOf = (refund: RefundView, action: string): string => `${path}/${refund.id}/${action}${query}`;
  const mayRetry = status === 'failed' && viewer.may('retryRefund');
  const columns: Column<RefundView>[] = [
    {
      name: 'Refund',
      cell: ({ id, orderId }) =>
        html`${orderId === null ? 'Payment without an order' : html`<a href="/admin/ui/orders/${orderId}">Order</a>`}<code class="quiet">${id}</code>`,
    },
    { name: 'Reason', cell: ({ reason }) => words(reason) },
    { name: 'Amount', isCount: true, cell: (refund) => amount(refund.amount, refund.currency) },
    { name: 'Provider', cell: ({ provider }) => provider },
    { name: 'Attempts', isCount: true, cell: ({ attempts }) => number(attempts) },
    {
      name: status === 'settled' ? 'Note' : 'Last error',
      cell: ({ note, lastErrorDetail }) => note ?? lastErrorDetail ?? '–',
    },
    { name: 'Due (UTC)', cell: ({ createdAt }) => timeShown(createdAt) },
    { name: 'Sent (UTC)', cell: ({ sentAt }) => timeShown(sentAt) },
  ];
  const action: Column<RefundView> = {
    name: 'Action',
    isNameHidden: true,
    cell: (refund) =>
      html`${actionButton(viewer, actionOf(refund, 'retry'), 'Try again')}${settleForm(viewer, refund.id, actionOf(refund, 'settle'), attempt)}`,
  };
  return cardList('Refunds', mayRetry ? [...columns, action] : columns, refunds);
}

export function refundsPage(page: RefundsPage): Response {
  const { viewer, status, cursor, refunds, nextCursor, refusal } = page;
  return adminPage({
    viewer,
    refusal,
    title: 'Refunds',
    section: path,
    body: html`<div class="title"><h1>Refunds</h1>${viewer.may('reconcile') ? actionButton(viewer, `${path}/reconcile`, 'Check with payment providers') : ''}</div>
<p class="quiet">Refunds are sent automatically and retried for more than a day. Open checkouts are checked with the payment providers, in case a webhook was lost.</p>
<nav aria-label="Status"><ul class="tabs">${tabs.map((tab) => html`<li><a href="${path}?status=${tab.status}"${tab.status === status ? html` aria-current="true"` : ''}>${tab.name}</a></li>`)}</ul></nav>
${refunds.length === 0 ? html`<p class="quiet">${status === 'failed' ? 'No failed refunds.' : 'No refunds.'}</p>` : refundTable(page)}
<div class="buttons">${cursor === '' ? '' : html`<a class="button" href="${path}?status=${status}">Newest</a>`}${nextCursor === null ? '' : html`<a class="button" href="${path}?${new URLSearchParams({ status, cursor: nextCursor })}">Older</a>`}</div>`,
  });
}
