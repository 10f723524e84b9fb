/** Where a buyer lands after paying: says how to see the order, which only the holder of its token may. */
import { html } from 'hono/html';
import { page } from './document.ts';

/** The same page for every id, known or not: it tells nobody whether an order exists. */
export function orderPage(orderId: string, origin: string): Response {
  return page(
    'Your order',
    html`<h1>Your order</h1>
<p>The payment page has handed over its answer. Your order is shown to whoever holds the token that came with it:</p>
<pre>curl -H "Authorization: Bearer $TOKEN" ${origin}/orders/${orderId}</pre>`,
  );
}
