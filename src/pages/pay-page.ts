/** The sandbox's pay page: what is to be paid, and every way a payment can go. */
import { html } from 'hono/html';
import type { OrderStatus } from '../domain/order.ts';
import { page } from './document.ts';
import { money } from './money.ts';

export interface PayPage {
  /** The order's public id. */
  ref: string;
  title: string;
  itemName: string;
  quantity: number;
  /** Minor units. */
  amount: number;
  currency: string;
  status: OrderStatus;
  isHoldOver: boolean;
}

const button = (outcome: 'paid' | 'declined' | 'paid_late', label: string, className = '') =>
  html`<button class="${className}" name="outcome" value="${outcome}">${label}</button>`;

export function payPage(payment: PayPage): Response {
  const { ref, title, itemName, quantity, amount, currency, status, isHoldOver } = payment;
  const isOpen = status === 'held' && !isHoldOver;
  return page(
    'Sandbox payment',
    html`<h1>Sandbox payment</h1>
<p class="note">No money moves here. This page stands in for a payment provider and sends the same signed message that one would.</p>
<dl>
<dt>Drop</dt><dd>${title}</dd>
<dt>Item</dt><dd>${itemName} × ${quantity}</dd>
<dt>Total</dt><dd>${money(amount, currency)}</dd>
<dt>Order</dt><dd>${status}${status === 'held' && isHoldOver ? ', its time is over' : ''}</dd>
</dl>
<form method="post" action="/pay/${ref}">
${button('paid', isOpen ? 'Pay' : 'Pay anyway: late, or a second time', 'main')}
${button('declined', 'Decline the payment')}
${isOpen ? button('paid_late', 'Pay late, once the hold is over') : ''}
</form>`,
  );
}
