/** Schemas of the bodies that create, edit and restock drops. */
import * as v from 'valibot';
import { PER_CUSTOMER_DEFAULT } from '../domain/client-limits.ts';
import { isCurrency } from '../domain/currency.ts';
import { endRule, endsAfterStart } from '../domain/drop.ts';
import { imageUrlRule, isImageUrl } from '../domain/image-url.ts';
import { jurisdictions, locationHints, SHARDS_MAX } from '../domain/shard.ts';
import {
  DESCRIPTION_CHARACTERS_MAX,
  HOLD_SECONDS_MAX,
  ITEMS_PER_DROP_MAX,
  NAME_CHARACTERS_MAX,
  PRICE_MINOR_UNITS_MAX,
  SKU_CHARACTERS_MAX,
  SLUG_CHARACTERS_MAX,
  TITLE_CHARACTERS_MAX,
  UNITS_PER_ITEM_MAX,
  URL_CHARACTERS_MAX,
} from '../limits.ts';
import { line, lines, time, wholeNumber } from './schema.ts';

const title = line(TITLE_CHARACTERS_MAX, 'Shown to buyers');
const description = lines(DESCRIPTION_CHARACTERS_MAX, 'May contain line breaks');
const imageUrl = v.pipe(
  line(URL_CHARACTERS_MAX, 'An https URL, or a path below /images/ on this server'),
  // Browsers block pictures over http under our Content-Security-Policy (pages/document.ts).
  v.regex(/^(?:https:\/\/[^\s/\\]+|\/images\/)\S*$/, imageUrlRule),
  v.check(isImageUrl, imageUrlRule),
);
const perCustomer = v.pipe(
  v.nullable(wholeNumber(1, UNITS_PER_ITEM_MAX)),
  v.description('Units per customer; null: no limit'),
);
const holdSeconds = wholeNumber(1, HOLD_SECONDS_MAX);
const sku = v.pipe(
  line(SKU_CHARACTERS_MAX, 'Identifies the item within its drop'),
  v.regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
    'Must start with a letter or digit and contain only letters, digits, dots, dashes and underscores.',
  ),
);
const itemName = line(NAME_CHARACTERS_MAX, 'The item’s name, shown to buyers');
const price = wholeNumber(1, PRICE_MINOR_UNITS_MAX);
const stock = wholeNumber(0, UNITS_PER_ITEM_MAX);
const areSkusDistinct = (items: readonly { sku: string }[]): boolean =>
  new Set(items.map((item) => item.sku)).size === items.length;

const newItem = v.strictObject({ sku, name: itemName, price, stock });
const itemEdit = v.strictObject({
  sku,
  name: v.optional(itemName),
  price: v.optional(price),
  stock: v.optional(stock),
});
const listOf = <S extends v.GenericSchema<unknown, { sku: string }>>(item: S) =>
  v.pipe(
    v.array(item),
    v.minLength(1, 'Must have at least one item.'),
    v.maxLength(ITEMS_PER_DROP_MAX, `Must have at most ${ITEMS_PER_DROP_MAX} items.`),
    v.check((items) => areSkusDistinct(items), 'Must not contain the same sku twice.'),
  );

const jurisdiction = v.pipe(
  v.nullable(v.picklist(jurisdictions)),
  v.description('On Workers: where the drop’s data is stored and processed; fixed. null: anywhere.'),
);
const locationHint = v.pipe(
  v.nullable(v.picklist(locationHints)),
  v.description('On Workers: a hint where to create the drop. null: near this request.'),
);

export const newDropBody = v.pipe(
  v.strictObject({
    slug: v.pipe(
      line(SLUG_CHARACTERS_MAX, 'Part of the drop’s URL'),
      v.regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'Must be lower-case letters and digits, joined by dashes.'),
    ),
    title,
    description: v.optional(description, ''),
    imageUrl: v.optional(v.nullable(imageUrl), null),
    currency: v.pipe(v.string(), v.check(isCurrency, 'Must be an ISO 4217 currency code, such as EUR.')),
    perCustomer: v.optional(perCustomer, PER_CUSTOMER_DEFAULT),
    startsAt: time,
    endsAt: v.optional(v.nullable(time), null),
    holdSeconds: v.optional(holdSeconds),
    items: listOf(newItem),
    publish: v.optional(v.boolean(), false),
    shards: v.optional(wholeNumber(1, SHARDS_MAX), 1),
    jurisdiction: v.optional(jurisdiction, null),
    locationHint: v.optional(locationHint, null),
  }),
  v.forward(
    v.check((drop) => endsAfterStart(drop), endRule),
    ['endsAt'],
  ),
);

export const dropEditBody = v.pipe(
  v.strictObject({
    title: v.optional(title),
    description: v.optional(description),
    imageUrl: v.optional(v.nullable(imageUrl)),
    perCustomer: v.optional(perCustomer),
    startsAt: v.optional(time),
    endsAt: v.optional(v.nullable(time)),
    holdSeconds: v.optional(holdSeconds),
    published: v.optional(v.boolean()),
    paused: v.optional(v.boolean()),
    items: v.optional(listOf(itemEdit)),
  }),
  v.check((edit) => Object.keys(edit).length > 0, 'Must contain at least one field to change.'),
);

export const restockBody = v.strictObject({
  sku,
  quantity: v.pipe(
    wholeNumber(-UNITS_PER_ITEM_MAX, UNITS_PER_ITEM_MAX),
    v.check((quantity) => quantity !== 0, 'Must not be 0.'),
  ),
});
