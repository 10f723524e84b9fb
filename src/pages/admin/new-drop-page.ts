/** The form that creates a drop. */
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
  /** Initial field values. */
  values: Readonly<Record<string, string>>;
  refusal: RefusalView | null;
  /** Most shards that a drop may have; 1 hides the field. */
  shardsMax: number;
  /** Where a drop can be stored; absent hides the fields. */
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
        hint: 'Where the drop’s data is stored and processed. Can’t be changed later.',
        none: 'Anywhere',
        options: jurisdictions.map((one) => [one, jurisdictionNames[one]]),
      })
}
${choiceField(state, {
  name: 'locationHint',
  label: 'Location',
  hint: 'Near most buyers. Only a hint; the drop may be created elsewhere.',
  none: 'Near you',
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
${field(state, { name: 'slug', label: 'Slug', isRequired: true, placeholder: 'summer-sneaker', hint: 'Part of the drop’s URL. Can’t be changed later.' })}
${field(state, { name: 'currency', label: 'Currency', isRequired: true, placeholder: 'EUR', hint: 'ISO 4217 code. Can’t be changed later.' })}
</div>
${ruleFields(state)}
${shardsMax > 1 ? field(state, { name: 'shards', label: 'Shards', type: 'number', min: 1, hint: `Objects that share the stock, up to ${shardsMax}. Plan 1 for every 200 purchases per second. Can’t be changed later.` }) : ''}
${locations ? locationFields(state, locations) : ''}
${itemRows(state, 0, rows, values.currency ?? '')}
<p class="check"><input id="publish" name="publish" type="checkbox"${isChecked ? html` checked` : ''}> <label for="publish">Publish now. Otherwise the drop is a draft that only operators see.</label></p>
<p class="buttons"><button class="primary">Create drop</button> <button name="more" value="5" formnovalidate>Add 5 rows</button></p>
</form>`,
  });
}
