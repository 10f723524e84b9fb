/** Where the personal data of a customer is erased. */
import { html } from 'hono/html';
import { adminPage } from './admin-document.ts';
import { csrfField, field, formState } from './form-fields.ts';
import type { Attempt, Viewer } from './views.ts';

export function customersPage(viewer: Viewer, attempt: Attempt | null): Response {
  const state = formState('erase', {}, attempt);
  return adminPage({
    viewer,
    title: 'Customers',
    section: '/admin/ui/customers',
    refusal: attempt?.refusal,
    body: html`<h1>Customers</h1>
<form method="post" action="/admin/ui/customers" class="card narrow"><h2>Erase personal data</h2>${csrfField(viewer)}
<p>Contact data and tracking codes of all orders of a customer go for good, those that are paid and not yet sent included: hand these over first. The orders themselves stay, for the limit and the books.</p>
${field(state, { name: 'email', label: 'E-mail', type: 'email', isRequired: true, autocomplete: 'off' })}
${field(state, { name: 'again', label: 'The same e-mail again', type: 'email', isRequired: true, autocomplete: 'off', hint: 'Nothing can bring the data back.' })}
<button class="warn">Erase for good</button>
</form>`,
  });
}
