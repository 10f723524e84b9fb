/** Fields of a drop, shared by the forms that create and edit one. */
import { html } from 'hono/html';
import { exampleAmount, toMajorText } from '../../domain/money-text.ts';
import type { Html } from '../document.ts';
import { type FormState, field } from './form-fields.ts';
import { timeTyped } from './shown.ts';
import type { DropView } from './views.ts';

/** Initial values of the edit form, by their API field names. */
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

/** Fields that buyers see. */
export const wordFields = (state: FormState): Html => html`
${field(state, { name: 'title', label: 'Title', isRequired: true, hint: 'Shown to buyers.' })}
${field(state, { name: 'description', label: 'Description (optional)', type: 'area' })}
${field(state, { name: 'imageUrl', label: 'Picture (optional)', hint: 'An https URL, or a path below /images/ on this server.' })}`;

/** When the drop sells, and how many units per customer. */
export const ruleFields = (state: FormState): Html => html`<div class="columns">
${field(state, { name: 'startsAt', label: 'Opens (UTC)', type: 'datetime-local', isRequired: true })}
${field(state, { name: 'endsAt', label: 'Ends (UTC, optional)', type: 'datetime-local', hint: 'Leave empty to close it yourself.' })}
${field(state, { name: 'perCustomer', label: 'Units per customer (optional)', type: 'number', min: 1, hint: 'Leave empty for no limit.' })}
${field(state, { name: 'holdSeconds', label: 'Hold (seconds)', type: 'number', min: 1, hint: 'How long a reservation is kept for payment.' })}
</div>`;

/** Each row is an item; empty rows are ignored. The first `known` rows keep their sku and stock. */
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
    }</td>${cell(at, 'name', 'Name', at === 0 ? { placeholder: 'EU 42' } : {})}${cell(at, 'price', 'Price', at === 0 ? { placeholder: example } : {})}${at < known ? html`<td class="quiet">use Restock</td>` : cell(at, 'stock', 'Stock', { min: 0 })}</tr>`;
  const error = state.error('items');
  return html`<fieldset><legend>Items</legend>
${error ? html`<p class="wrong">${error}</p>` : ''}
<p class="hint">Each row is a size, colour or category. Write prices with a decimal point, as in ${example}. Empty rows are ignored.</p>
<div class="scroll"><table class="items"><thead><tr><th scope="col">Sku</th><th scope="col">Name</th><th scope="col">Price</th><th scope="col">Stock</th></tr></thead>
<tbody>${Array.from({ length: rows }, row)}</tbody></table></div>
<input type="hidden" name="rows" value="${rows}">
</fieldset>`;
}
