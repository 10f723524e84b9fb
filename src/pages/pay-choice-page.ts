/** The pages on the way to a payment provider: the choice between several, and why there is no way. */
import { html } from 'hono/html';
import type { OrderStatus } from '../domain/order.ts';
import { page } from './document.ts';
import { money } from './money.ts';

const labels: Readonly<Record<string, string>> = {
  stripe: 'Card and wallets',
  payos: 'Bank transfer (VietQR)',
};

export interface PayChoice {
  /** The order's public id. */
  ref: string;
  title: string;
  itemName: string;
  quantity: number;
  /** Minor units. */
  amount: number;
  currency: string;
}

export const payChoicePage = (order: PayChoice, providers: readonly string[]): Response =>
  // Links, not a form: the policy of our pages lets a form lead nowhere but here.
  page(
    'How do you want to pay?',
    html`<h1>How do you want to pay?</h1>
<dl>
<dt>Drop</dt><dd>${order.title}</dd>
<dt>Item</dt><dd>${order.itemName} × ${order.quantity}</dd>
<dt>Total</dt><dd>${money(order.amount, order.currency)}</dd>
</dl>
<nav>
${providers.map((name) => html`<a class="button" href="/pay/${order.ref}?with=${name}">${labels[name] ?? name}</a>`)}
</nav>`,
  );

/** Nothing is to be paid: the order is paid for, or its time is over. */
export const payClosedPage = (ref: string, status: OrderStatus): Response =>
  page(
    'Nothing to pay',
    html`<h1>Nothing to pay</h1>
<p>${
      status === 'held' || status === 'released'
        ? 'The time to pay for this order is over, and its units went back to the others.'
        : 'This order is paid for already.'
    }</p>
<p><a href="/o/${ref}">See the order</a></p>`,
    410,
  );

export const payUnavailablePage = (ref: string): Response =>
  page(
    'Please try again',
    html`<h1>Please try again</h1>
<p>The payment provider could not be reached. Nothing was charged, and your units are still yours.</p>
<p><a href="/pay/${ref}">Try again</a></p>`,
    503,
  );
