/** The fields of a drop, for a new one and for a change of one. */
import { html } from 'hono/html';
import { exampleAmount, toMajorText } from '../../domain/money-text.ts';
import type { Html } from '../document.ts';
import { type FormState, field } from './form-fields.ts';
import { timeTyped } from './shown.ts';
import type { DropView } from './views.ts';

/** What the form of a drop that is there begins with, each field under the name that the API gives it. */
export function typedDrop(drop: DropView): Record<string, string> {
  return {
    title: drop.title,
    description: drop.description,
    imageUrl: drop.imageUrl ?? '',
    perCustomer: String(drop.perCustomer ?? ''),
    startsAt: timeTyped(drop.startsAt),
    endsAt: timeTyped(drop.endsAt),
    holdSeconds: String(drop.holdSeconds),
    ...Object.fromEntries(
      drop.items.flatMap(({ sku, name, price }, index) => [
        [`items.${index}.sku`, sku],
        [`items.${index}.name`, name],
        [`items.${index}.price`, toMajorText(price, drop.currency)],
      ]),
    ),
  };
}

/** What buyers read. */
export const wordFields = (state: FormState): Html => html`
${field(state, { name: 'title', label: 'Title', isRequired: true, hint: 'As buyers see it.' })}
${field(state, { name: 'description', label: 'Description (optional)', type: 'area' })}
${field(state, { name: 'imageUrl', label: 'Picture (optional)', hint: 'An https address, or a path below /images/ of this server.' })}`;

/** When it sells, and how much to one. */
export const ruleFields = (state: FormState): Html => html`<div class="columns">
${field(state, { name: 'startsAt', label: 'Opens (UTC)', type: 'datetime-local', isRequired: true })}
${field(state, { name: 'endsAt', label: 'Ends (UTC, optional)', type: 'datetime-local', hint: 'Empty: when you close it.' })}
${field(state, { name: 'perCustomer', label: 'Units per customer (optional)', type: 'number', min: 1, hint: 'Empty: no limit.' })}
${field(state, { name: 'holdSeconds', label: 'Hold (seconds)', type: 'number', min: 1, hint: 'How long a unit waits for its money.' })}
</div>`;

/** A row is an item; one that is left empty is none. `known` rows are items that are there: their sku and stock stay. */
export function itemRows(state: FormState, known: number, rows: number, currency: string): Html {
  const example = exampleAmount(currency);
  const cell = (
    row: number,
    name: string,
    label: string,
    more: { placeholder?: string; min?: number } = {},
  ) =>
    html`<td>${field(state, {
      name: `items.${row}.${name}`,
      label: `${label} of item ${row + 1}`,
      isBare: true,
      ...more,
      ...(name === 'stock' && { type: 'number' }),
      ...(name === 'price' && { inputmode: 'decimal' }),
    })}</td>`;
  const row = (_: unknown, at: number): Html =>
    html`<tr><td>${
      at < known
        ? html`<input type="hidden" name="items.${at}.sku" value="${state.value(`items.${at}.sku`)}"><code>${state.value(`items.${at}.sku`)}</code>`
        : field(state, {
            name: `items.${at}.sku`,
            label: `Sku of item ${at + 1}`,
            isBare: true,
            placeholder: at === 0 ? 'eu-42' : '',
          })
    }</td>${cell(at, 'name', 'Name', at === 0 ? { placeholder: 'EU 42' } : {})}${cell(at, 'price', 'Price', at === 0 ? { placeholder: example } : {})}${at < known ? html`<td class="quiet">by restock</td>` : cell(at, 'stock', 'Stock', { min: 0 })}</tr>`;
  const error = state.error('items');
  return html`<fieldset><legend>Items</legend>
${error ? html`<p class="wrong">${error}</p>` : ''}
<p class="hint">A size, a colour or a category each. Prices in whole units with a point, as ${example}. Rows that stay empty count for nothing.</p>
<div class="scroll"><table class="items"><thead><tr><th scope="col">Sku</th><th scope="col">Name</th><th scope="col">Price</th><th scope="col">Stock</th></tr></thead>
<tbody>${Array.from({ length: rows }, row)}</tbody></table></div>
<input type="hidden" name="rows" value="${rows}">
</fieldset>`;
}
