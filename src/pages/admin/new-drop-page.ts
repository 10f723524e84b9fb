/** The form that makes a drop. */
import { html } from 'hono/html';
import type { Jurisdiction, LocationHint } from '../../domain/shard.ts';
import type { Html } from '../document.ts';
import { adminPage } from './admin-document.ts';
import { itemRows, ruleFields, wordFields } from './drop-form.ts';
import { choiceField, csrfField, type FormState, field, formState, keyField } from './form-fields.ts';
import type { Attempt, RefusalView, Viewer } from './views.ts';

export interface NewDropPage {
  viewer: Viewer;
  /** Item rows to show. */
  rows: number;
  /** What stands in it already. */
  values: Readonly<Record<string, string>>;
  refusal: RefusalView | null;
  /** Objects that a drop can be split over; 1: there is nothing to choose. */
  shardsMax: number;
  /** Where it can be kept; absent: there is nothing to choose. */
  locations: { jurisdictions: readonly Jurisdiction[]; hints: readonly LocationHint[] } | undefined;
}

const jurisdictionNames: Record<Jurisdiction, string> = { eu: 'European Union' };
const hintNames: Record<LocationHint, string> = {
  wnam: 'Western North America',
  enam: 'Eastern North America',
  sam: 'South America',
  weur: 'Western Europe',
  eeur: 'Eastern Europe',
  apac: 'Asia-Pacific',
  oc: 'Oceania',
  afr: 'Africa',
  me: 'Middle East',
};

const locationFields = (
  state: FormState,
  { jurisdictions, hints }: NonNullable<NewDropPage['locations']>,
): Html =>
  html`<div class="columns">
${
  jurisdictions.length === 0
    ? ''
    : choiceField(state, {
        name: 'jurisdiction',
        label: 'Jurisdiction',
        hint: 'Where the drop’s data is stored and processed. It never changes.',
        none: 'Anywhere',
        options: jurisdictions.map((one) => [one, jurisdictionNames[one]]),
      })
}
${choiceField(state, {
  name: 'locationHint',
  label: 'Location',
  hint: 'Close to most buyers. A hint: the drop may be created elsewhere.',
  none: 'Close to you',
  options: hints.map((one) => [one, hintNames[one]]),
})}
</div>`;

export function newDropPage({ viewer, rows, values, refusal, shardsMax, locations }: NewDropPage): Response {
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
${csrfField(viewer)}${keyField(state)}
${wordFields(state)}
<div class="columns">
${field(state, { name: 'slug', label: 'Slug', isRequired: true, placeholder: 'summer-sneaker', hint: 'Its name in addresses. It never changes.' })}
${field(state, { name: 'currency', label: 'Currency', isRequired: true, placeholder: 'EUR', hint: 'ISO 4217. It never changes.' })}
</div>
${ruleFields(state)}
${shardsMax > 1 ? field(state, { name: 'shards', label: 'Shards', type: 'number', min: 1, hint: `Objects that share its stock, up to ${shardsMax}: 1 for each 200 purchases that you expect in a second. It never changes.` }) : ''}
${locations ? locationFields(state, locations) : ''}
${itemRows(state, 0, rows, values.currency ?? '')}
<p class="check"><input id="publish" name="publish" type="checkbox"${isChecked ? html` checked` : ''}> <label for="publish">Publish at once; without it the drop is a draft that only operators see</label></p>
<p class="buttons"><button class="primary">Make the drop</button> <button name="more" value="5" formnovalidate>Five more rows</button></p>
</form>`,
  });
}
