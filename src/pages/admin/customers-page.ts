/** Where the personal data of a customer is erased. */
import { html } from 'hono/html';
import type { Html } from '../document.ts';
import { adminPage } from './admin-document.ts';
import { csrfField, field, formState } from './form-fields.ts';
import type { Attempt, Viewer } from './views.ts';

/** Asks whether orders that are still owed goods or money may lose their address; they stand in the refusal. */
function confirmation(viewer: Viewer, { values, refusal }: Attempt): Html {
  const ids = refusal.errors.map(({ path }) => path);
  const hidden = { email: values.email, again: values.again, openOrders: ids.join(' ') };
  return html`<form method="post" action="/admin/ui/customers" class="card narrow"><h2>Open orders</h2>${csrfField(viewer)}
${Object.entries(hidden).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value ?? ''}">`)}
<p>Nothing is erased yet. Without name and address these orders can’t be sent, and a buyer can’t be asked about a failed refund.</p>
<ul>${refusal.errors.map(({ path, message }) => html`<li><a href="/admin/ui/orders/${path}">${path}</a>: ${message}</li>`)}</ul>
<button class="warn">Erase, with ${ids.length === 1 ? 'this open order' : `these ${ids.length} open orders`}</button>
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
<form method="post" action="/admin/ui/customers" class="card narrow"><h2>Erase personal data</h2>${csrfField(viewer)}
<p>Deletes contact data and tracking codes of all orders of a customer. Their reservations end, and money that arrives later is refunded. The orders themselves stay, for the limit and the books. Orders that are still owed goods or a refund are listed first.</p>
${field(state, { name: 'email', label: 'E-mail', type: 'email', isRequired: true, autocomplete: 'off' })}
${field(state, { name: 'again', label: 'The same e-mail again', type: 'email', isRequired: true, autocomplete: 'off', hint: 'Nothing can bring the data back.' })}
<button class="warn">Erase for good</button>
</form>`,
  });
}
