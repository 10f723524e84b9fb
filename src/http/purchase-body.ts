/** The body of POST /purchase, and the items of a drop that it asks for. */
import * as v from 'valibot';
import { type Drop, itemNamed, unknownSku, type WantedUnits } from '../domain/drop.ts';
import { unitsOf } from '../domain/order.ts';
import type { FieldError } from '../domain/outcome.ts';
import {
  ITEMS_PER_ORDER_MAX,
  QUANTITY_PER_ORDER_MAX,
  SKU_CHARACTERS_MAX,
  SLUG_CHARACTERS_MAX,
} from '../limits.ts';
import { customer, line, wholeNumber } from './schema.ts';

const quantity = wholeNumber(1, QUANTITY_PER_ORDER_MAX);
const items = v.pipe(
  v.array(v.strictObject({ sku: line(SKU_CHARACTERS_MAX, 'The item'), quantity })),
  v.description('The units of each item: all of them are held, or none'),
  v.minLength(1, 'Must have at least one item.'),
  v.maxLength(ITEMS_PER_ORDER_MAX, `Must have at most ${ITEMS_PER_ORDER_MAX} items.`),
  v.check(
    (some) => new Set(some.map(({ sku }) => sku)).size === some.length,
    'Must not contain the same sku twice.',
  ),
  v.check(
    (some) => unitsOf(some) <= QUANTITY_PER_ORDER_MAX,
    `Must have at most ${QUANTITY_PER_ORDER_MAX} units in total.`,
  ),
);

export const purchaseBody = v.pipe(
  v.strictObject({
    dropId: line(SLUG_CHARACTERS_MAX, 'The drop’s id or slug'),
    items: v.optional(items),
    sku: v.optional(
      line(SKU_CHARACTERS_MAX, 'Short form: the only item; may be omitted if the drop has only one'),
    ),
    quantity: v.optional(v.pipe(quantity, v.description('Short form: units of the only item'))),
    customer,
  }),
  v.forward(
    v.check((body) => body.items !== undefined || body.quantity !== undefined, 'Is required, or items.'),
    ['quantity'],
  ),
  v.forward(
    v.check(
      (body) => body.items === undefined || (body.sku === undefined && body.quantity === undefined),
      'Must not be combined with sku or quantity.',
    ),
    ['items'],
  ),
);
export type PurchaseBody = v.InferOutput<typeof purchaseBody>;

/**
 * The requested items, or the path of the field that names none. Only a drop with a single item may
 * omit the sku.
 */
export function findItems(drop: Drop, body: PurchaseBody): readonly WantedUnits[] | FieldError {
  const wanted: WantedUnits[] = [];
  const entries = body.items ?? [{ sku: body.sku, quantity: body.quantity ?? 1 }];
  for (const [index, { sku, quantity }] of entries.entries()) {
    const item = itemNamed(drop, sku);
    const path = body.items ? `items.${index}.sku` : unknownSku.path;
    if (!item && sku === undefined) return { path, message: 'Is required: the drop has more than one item.' };
    if (!item) return { ...unknownSku, path };
    wanted.push({ item, quantity });
  }
  return wanted;
}
