/** The sandbox's pay page: the order, and a button for each payment outcome. */
import { html } from 'hono/html';
import type { OrderStatus } from '../domain/order.ts';
import type { Language } from './messages.ts';
import { type PayableUnits, payableList } from './pay-choice-page.ts';
import { shopPage } from './shop-document.ts';

export interface PayPage extends PayableUnits {
  status: OrderStatus;
  isHoldOver: boolean;
}

const button = (outcome: 'paid' | 'declined' | 'paid_late', label: string, className = 'second') =>
  html`<button class="${className}" name="outcome" value="${outcome}">${label}</button>`;

export function payPage(payment: PayPage, language: Language): Response {
  const { status, isHoldOver } = payment;
  const { sandbox } = language.messages;
  const isOpen = status === 'held' && !isHoldOver;
  const state = html`<dt>${language.messages.order}</dt><dd>${sandbox.statuses[status === 'held' && isHoldOver ? 'over' : status]}</dd>`;
  return shopPage({
    title: sandbox.title,
    language,
    now: null,
    body: html`<div class="narrow"><h1>${sandbox.title}</h1>
<p class="notice">${sandbox.note}</p>
${payableList(payment, language, state)}
<form method="post">
${button('paid', isOpen ? sandbox.pay : sandbox.payAnyway, 'main')}
${button('declined', sandbox.decline)}
${isOpen ? button('paid_late', sandbox.payLate) : ''}
</form></div>`,
  });
}
