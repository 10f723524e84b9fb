/** The page of one order for operators: customer, money and actions. */
import { html } from 'hono/html';
import { counted } from '../../domain/counted.ts';
import type { NamedItem } from '../../domain/named-items.ts';
import { isDisputed, unitsOf } from '../../domain/order.ts';
import type { Html } from '../document.ts';
import { adminPage } from './admin-document.ts';
import { csrfField, field, formState, keyField, settleForm } from './form-fields.ts';
import {
  amount,
  type Column,
  cardList,
  disputeBadge,
  number,
  releaseNames,
  statusBadge,
  timeShown,
  words,
} from './shown.ts';
import type { Attempt, MoneyView, OrderView, OrderWithMoneyView, Viewer } from './views.ts';

export interface OperatedOrderPage extends OrderWithMoneyView {
  viewer: Viewer;
  /** Title of the drop; null if the operator may not read drops. */
  dropTitle: string | null;
  attempt: Attempt | null;
}

const erased = html`<span class="quiet">–</span>`;

const customer = ({ email, name, phone, address }: OrderView): Html =>
  html`<section class="card" aria-labelledby="customer"><h2 id="customer">Customer</h2>
${email === null ? html`<p class="quiet">Personal data deleted.</p>` : ''}
<dl><div><dt>E-mail</dt><dd>${email ?? erased}</dd></div><div><dt>Name</dt><dd>${name ?? erased}</dd></div><div><dt>Phone</dt><dd>${phone ?? erased}</dd></div><div><dt>Address</dt><dd class="lines">${address ?? erased}</dd></div></dl></section>`;

function money({ viewer, order, payments, refunds, attempt }: OperatedOrderPage): Html {
  const maySettle = viewer.may('settleRefund');
  const total = { name: 'Amount', isCount: true, cell: (one: MoneyView) => amount(one.amount, one.currency) };
  const paymentColumns: Column<(typeof payments)[number]>[] = [
    { name: 'Payment', cell: ({ status }) => words(status) },
    { name: 'Provider', cell: ({ provider }) => provider },
    total,
    { name: 'Received (UTC)', cell: ({ createdAt }) => timeShown(createdAt) },
  ];
  const refundColumns: Column<(typeof refunds)[number]>[] = [
    { name: 'Refund', cell: ({ status }) => words(status) },
    { name: 'Reason', cell: ({ reason }) => words(reason) },
    total,
    { name: 'Due (UTC)', cell: ({ createdAt }) => timeShown(createdAt) },
    { name: 'Sent (UTC)', cell: ({ sentAt }) => timeShown(sentAt) },
    {
      name: 'Note or last error',
      cell: ({ id, status, note, lastErrorDetail }) =>
        html`${note ?? lastErrorDetail ?? '–'}${status === 'failed' && maySettle ? settleForm(viewer, id, `/admin/ui/orders/${order.id}/refunds/${id}/settle`, attempt) : ''}`,
    },
  ];
  return html`<section aria-labelledby="money"><h2 id="money">Money</h2>${payments.length === 0 ? html`<p class="quiet">No payment yet.</p>` : cardList('Payments', paymentColumns, payments)}${refunds.length === 0 ? '' : cardList('Refunds', refundColumns, refunds)}</section>`;
}

/** Warnings to read before shipping. */
function warnings({ order, refunds }: OperatedOrderPage): Html {
  const open = 'The payer disputes this payment.';
  const disputes = {
    open:
      order.status === 'paid' ? `${open} Do not hand over the goods until the dispute is resolved.` : open,
    lost: 'The payer won the dispute and got the money back.',
    won: null,
  };
  const dispute = order.dispute === undefined ? null : disputes[order.dispute];
  const isPartly = order.status === 'paid' && refunds.some(({ reason }) => reason === 'outside');
  const texts = [
    dispute,
    isPartly ? 'Part of the payment was refunded in the provider’s dashboard. See the refunds below.' : null,
  ];
  return html`${texts.filter((text) => text !== null).map((text) => html`<p class="notice wrong" role="alert">${text}</p>`)}`;
}

function fulfilForm({ viewer, order, attempt }: OperatedOrderPage): Html {
  const state = formState('fulfil', { trackingCode: order.trackingCode ?? '' }, attempt);
  const isDone = order.status === 'fulfilled';
  return html`<form method="post" action="/admin/ui/orders/${order.id}/fulfil" class="card"><h2>${isDone ? 'Tracking code' : 'Fulfil'}</h2>${csrfField(viewer)}${keyField(state)}
${field(state, { name: 'trackingCode', label: 'Tracking code (optional)', autocomplete: 'off', hint: 'The carrier’s parcel number. The customer sees it.' })}
${isDone || !isDisputed(order.dispute) ? '' : html`<p class="check"><input type="checkbox" id="despiteDispute" name="despiteDispute" value="yes" required> <label for="despiteDispute">Fulfil despite the dispute</label></p>`}
<button class="primary">${isDone ? 'Change code' : 'Mark as fulfilled'}</button></form>`;
}

/** Omits the form if the server would refuse the refund. */
function refundForm({ viewer, order, refundable, attempt }: OperatedOrderPage): Html {
  if (refundable === 0) {
    return html`<section class="card"><h2>Refund</h2><p>${
      order.dispute === 'open'
        ? 'The payer disputes this payment. Its money moves through the dispute and can’t be refunded here.'
        : 'Nothing left to refund.'
    }</p></section>`;
  }
  return html`<form method="post" action="/admin/ui/orders/${order.id}/refund" class="card"><h2>Refund</h2>${csrfField(viewer)}${keyField(formState('refund', {}, attempt))}
<p>This refunds ${amount(refundable, order.currency)} to the customer and can’t be undone.</p>
<fieldset><legend>${counted(unitsOf(order.items), 'unit')}</legend>
<p class="check"><input type="radio" id="restock-yes" name="restock" value="yes" checked> <label for="restock-yes">Return to stock</label></p>
<p class="check"><input type="radio" id="restock-no" name="restock" value="no"> <label for="restock-no">Remove from stock</label></p></fieldset>
<button class="warn">Refund</button></form>`;
}

const itemTable = ({ items, currency }: OrderView): Html => {
  const columns: Column<NamedItem>[] = [
    { name: 'Item', cell: ({ name, sku }) => html`${name}<span class="quiet">${sku}</span>` },
    { name: 'Units', isCount: true, cell: ({ quantity }) => number(quantity) },
    { name: 'Price', isCount: true, cell: ({ unitPrice }) => amount(unitPrice, currency) },
    { name: 'Total', isCount: true, cell: ({ total }) => amount(total, currency) },
  ];
  return cardList('Items', columns, items);
};

export function operatedOrderPage(page: OperatedOrderPage): Response {
  const { viewer, order, dropTitle, attempt } = page;
  const mayFulfil = viewer.may('fulfilOrder') && ['paid', 'fulfilled'].includes(order.status);
  const mayRefund = viewer.may('refundOrder') && order.status === 'paid';
  return adminPage({
    viewer,
    title: `Order ${order.number}`,
    section: '/admin/ui/orders',
    refusal: attempt?.refusal,
    body: html`<p class="crumb"><a href="/admin/ui/orders">Orders</a>${dropTitle === null ? '' : html` · <a href="/admin/ui/drops/${order.dropId}">${dropTitle}</a>`}</p>
<div class="title"><h1>${order.items.map(({ sku, quantity }) => `${sku} × ${number(quantity)}`).join(', ')}</h1>${statusBadge(order.status)}${disputeBadge(order.dispute)}</div>
<p><code>${order.id}</code></p>
<dl class="facts"><div><dt>Order number</dt><dd>${order.number}</dd></div><div><dt>Total</dt><dd>${amount(order.total, order.currency)}</dd></div><div><dt>Placed (UTC)</dt><dd>${timeShown(order.createdAt)}</dd></div><div><dt>${order.status === 'held' ? 'Held until' : 'Was held until'} (UTC)</dt><dd>${timeShown(order.holdExpiresAt)}</dd></div>${order.trackingCode === undefined ? '' : html`<div><dt>Tracking code</dt><dd>${order.trackingCode}</dd></div>`}${order.releaseReason === undefined ? '' : html`<div><dt>Released</dt><dd>${releaseNames[order.releaseReason]}</dd></div>`}</dl>
${itemTable(order)}
${warnings(page)}
${customer(order)}
${money(page)}
${mayFulfil || mayRefund ? html`<div class="columns apart">${mayFulfil ? fulfilForm(page) : ''}${mayRefund ? refundForm(page) : ''}</div>` : ''}`,
  });
}
