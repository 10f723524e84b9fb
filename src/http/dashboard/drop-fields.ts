/** Converts the fields of a drop form to the API's JSON, and API errors back to the fields. */
import { exampleAmount, toMinorUnits } from '../../domain/money-text.ts';
import { ITEMS_PER_DROP_MAX } from '../../limits.ts';
import type { RefusalView } from '../../pages/admin/views.ts';

type Fields = ReadonlyMap<string, string>;
type Json = Record<string, unknown>;

/** A body for the API, and how its errors map to the form. */
export interface DropBody {
  body: Json;
  /**
   * Maps a refusal to the form's names and rules: rows count as typed, amounts are in major units.
   */
  inForm(refusal: RefusalView): RefusalView;
}

const wholeNumber = /^-?\d{1,15}$/;
const typedTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?$/;

/** Leaves other text as it is, so that the API refuses it together with all other errors. */
export const numberOf = (text: string): number | string => (wholeNumber.test(text) ? Number(text) : text);
const timeOf = (text: string): string => (typedTime.test(text) ? `${text}Z` : text);

/** Number of item rows that the form states, within bounds. */
export const rowsOf = (fields: Fields): number =>
  Math.min(ITEMS_PER_DROP_MAX, Math.max(1, Number(numberOf(fields.get('rows') ?? '')) || 0));

const messageFor: Readonly<Record<string, string>> = {
  startsAt: 'Must be a time in UTC, such as 2027-06-01 18:00.',
  endsAt: 'Must be a time in UTC, after the opening.',
};

/** The rows with content, and their items for the API. */
function itemsOf(fields: Fields, currency: string, was: Fields) {
  const rows: number[] = [];
  const items: Json[] = [];
  for (let row = 0; row < rowsOf(fields); row += 1) {
    const cell = (name: string): string => fields.get(`items.${row}.${name}`) ?? '';
    const isKnown = was.has(`items.${row}.sku`);
    const isNew = (name: string): boolean => cell(name) !== (was.get(`items.${row}.${name}`) ?? '');
    if (!['name', 'price', 'stock', ...(isKnown ? [] : ['sku'])].some(isNew)) continue;
    rows.push(row);
    items.push({
      sku: cell('sku'),
      ...((!isKnown || isNew('name')) && { name: cell('name') }),
      ...((!isKnown || isNew('price')) && { price: toMinorUnits(cell('price'), currency) ?? cell('price') }),
      ...(!isKnown && { stock: numberOf(cell('stock')) }),
    });
  }
  return { rows, items };
}

function inForm(refusal: RefusalView, rows: readonly number[], body: Json, currency: string): RefusalView {
  const items = (body.items ?? []) as Json[];
  const errors = refusal.errors.map(({ path, message }) => {
    const [, index, name] = /^items\.(\d+)\.(\w+)$/.exec(path) ?? [];
    if (index === undefined) {
      const typed = body[path];
      const isTime = path in messageFor && typeof typed === 'string' && !typed.endsWith('Z');
      return { path, message: isTime ? (messageFor[path] ?? message) : message };
    }
    const isAmount = name === 'price' && typeof items[Number(index)]?.price === 'string';
    return {
      path: `items.${rows[Number(index)]}.${name}`,
      message: isAmount ? `Must be an amount such as ${exampleAmount(currency)}.` : message,
    };
  });
  return { ...refusal, errors };
}

export function newDropBody(fields: Fields): DropBody {
  const text = (name: string): string => fields.get(name) ?? '';
  const currency = text('currency').toUpperCase();
  const { rows, items } = itemsOf(fields, currency, new Map());
  const given = (name: string, value: unknown): Json => (text(name) === '' ? {} : { [name]: value });
  const body: Json = {
    slug: text('slug'),
    title: text('title'),
    currency,
    startsAt: timeOf(text('startsAt')),
    ...given('description', text('description').replaceAll('\r\n', '\n')),
    ...given('imageUrl', text('imageUrl')),
    // An empty field means no limit; a request without the field gets the API's default.
    ...(fields.has('perCustomer') && { perCustomer: numberOf(text('perCustomer')) || null }),
    ...given('endsAt', timeOf(text('endsAt'))),
    ...given('holdSeconds', numberOf(text('holdSeconds'))),
    ...given('shards', numberOf(text('shards'))),
    ...given('jurisdiction', text('jurisdiction')),
    ...given('locationHint', text('locationHint')),
    items,
    publish: text('publish') === 'on',
  };
  return { body, inForm: (refusal) => inForm(refusal, rows, body, currency) };
}

/** Only the fields that differ from the form's initial values, which `was` holds. */
export function dropEditBody(fields: Fields, currency: string): DropBody {
  const was = initialFields(fields.get('was') ?? '');
  const text = (name: string): string => (fields.get(name) ?? '').replaceAll('\r\n', '\n');
  const orNull = (value: unknown): unknown => (value === '' ? null : value);
  const { rows, items } = itemsOf(fields, currency, was);
  const all: Json = {
    title: text('title'),
    description: text('description'),
    imageUrl: orNull(text('imageUrl')),
    perCustomer: orNull(numberOf(text('perCustomer'))),
    startsAt: timeOf(text('startsAt')),
    endsAt: orNull(timeOf(text('endsAt'))),
    holdSeconds: numberOf(text('holdSeconds')),
  };
  const changed = Object.entries(all).filter(
    ([name]) => fields.has(name) && text(name) !== (was.get(name) ?? '').replaceAll('\r\n', '\n'),
  );
  const body: Json = { ...Object.fromEntries(changed), ...(items.length > 0 && { items }) };
  return { body, inForm: (refusal) => inForm(refusal, rows, body, currency) };
}

/** Empty if unreadable; then every field counts as changed. */
function initialFields(json: string): Fields {
  try {
    const value: unknown = JSON.parse(json);
    const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
    return new Map(entries.map(([name, text]) => [name, String(text).trim()]));
  } catch {
    return new Map();
  }
}
