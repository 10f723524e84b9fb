/** The form that deletes a customer's personal data. */
import { html } from 'hono/html';
import type { Html } from '../document.ts';
import { adminPage } from './admin-document.ts';
import { csrfField, field, formState } from './form-fields.ts';
import type { Attempt, Viewer } from './views.ts';

/** Asks for confirmation if open orders, which the refusal lists, still need their address. */
function confirmation(viewer: Viewer, { values, refusal }: Attempt): Html {
  const ids = refusal.errors.map(({ path }) => path);
  const hidden = { email: values.email, again: values.again, openOrders: ids.join(' ') };
  return html`<form method="post" action="/admin/ui/customers" class="card narrow"><h2>Open orders</h2>${csrfField(viewer)}
${Object.entries(hidden).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value ?? ''}">`)}
<p>Nothing has been deleted yet. Without a name and address, you can’t ship these orders or contact the buyers about a failed refund.</p>
<ul>${refusal.errors.map(({ path, message }) => html`<li><a href="/admin/ui/orders/${path}">${path}</a>: ${message}</li>`)}</ul>
<button class="warn">Delete, including ${ids.length === 1 ? 'this open order' : `these ${ids.length} open orders`}</button>
</form>`;
}

export function customersPage(viewer: Viewer, attempt: Attempt | null): Response {
  const state = formState('erase', {}, attempt);
  return adminPage({
    viewer,
    title: 'Customers',
    section: '/admin/ui/customers',
    refusal: attempt?.refusal,
    body: html`<h1>Customers</h1>
${attempt?.refusal.code === 'open_orders' ? confirmation(viewer, attempt) : ''}
<form method="post" action="/admin/ui/customers" class="card narrow"><h2>Delete personal data</h2>${csrfField(viewer)}
<p>Deletes the contact details and tracking codes of all orders of a customer. Ends their reservations and refunds payments that arrive later. The orders stay, for purchase limits and accounting. Orders with a pending delivery or refund are listed first.</p>
${field(state, { name: 'email', label: 'E-mail', type: 'email', isRequired: true, autocomplete: 'off' })}
${field(state, { name: 'again', label: 'Confirm e-mail', type: 'email', isRequired: true, autocomplete: 'off', hint: 'Deleted data can’t be restored.' })}
<button class="warn">Delete permanently</button>
</form>`,
  });
}
