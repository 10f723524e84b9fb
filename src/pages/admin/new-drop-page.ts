/** The form that makes a drop. */
import { html } from 'hono/html';
import { adminPage } from './admin-document.ts';
import { itemRows, ruleFields, wordFields } from './drop-form.ts';
import { csrfField, field, formState } from './form-fields.ts';
import type { Attempt, RefusalView, Viewer } from './views.ts';

export interface NewDropPage {
  viewer: Viewer;
  /** Item rows to show. */
  rows: number;
  /** What stands in it already. */
  values: Readonly<Record<string, string>>;
  refusal: RefusalView | null;
  /** Objects that a drop can be split over; 1: there is nothing to choose. */
  lanesMax: number;
}

export function newDropPage({ viewer, rows, values, refusal, lanesMax }: NewDropPage): Response {
  const attempt: Attempt | null = refusal && { form: 'new', values, refusal };
  const state = formState('new', values, attempt);
  const isChecked = values.publish === 'on';
  return adminPage({
    viewer,
    refusal,
    title: 'New drop',
    section: '/admin/ui/new-drop',
    body: html`<h1>New drop</h1>
<form method="post" action="/admin/ui/new-drop" class="card">
${csrfField(viewer)}
${wordFields(state)}
<div class="columns">
${field(state, { name: 'slug', label: 'Slug', isRequired: true, placeholder: 'summer-sneaker', hint: 'Its name in addresses. It never changes.' })}
${field(state, { name: 'currency', label: 'Currency', isRequired: true, placeholder: 'EUR', hint: 'ISO 4217. It never changes.' })}
</div>
${ruleFields(state)}
${lanesMax > 1 ? field(state, { name: 'lanes', label: 'Lanes', type: 'number', min: 1, hint: `Objects that share its stock, up to ${lanesMax}: 1 for up to about 700 purchases a second. It never changes.` }) : ''}
${itemRows(state, 0, rows, values.currency ?? '')}
<p class="check"><input id="publish" name="publish" type="checkbox"${isChecked ? html` checked` : ''}> <label for="publish">Publish at once; without it the drop is a draft that only operators see</label></p>
<p class="buttons"><button class="primary">Make the drop</button> <button name="more" value="5" formnovalidate>Five more rows</button></p>
</form>`,
  });
}
