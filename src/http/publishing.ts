/** Refuses to publish what buyers could not pay: one rule for every way to create or edit a drop. */
import type { DropEdit, NewDrop } from '../domain/command.ts';
import type { Drop } from '../domain/drop.ts';
import { amountText } from '../domain/money-text.ts';
import type { FieldError } from '../domain/outcome.ts';
import { type Providers, whyUnchargeable } from '../payments/chargeable.ts';
import { problem } from './problem.ts';

/** A price that is about to be public, and the field that makes it so. */
interface PublicPrice {
  path: string;
  sku: string;
  price: number;
}

function refusePrices(
  providers: Providers,
  currency: string,
  prices: readonly PublicPrice[],
): Response | null {
  const errors: FieldError[] = prices.flatMap(({ path, sku, price }) => {
    const why = whyUnchargeable(providers, price, currency);
    // A price of the drop itself is not in the request: the message names its item.
    const what = path === 'published' ? `Item ${sku} at ${amountText(price, currency)}` : 'This price';
    return why === null ? [] : [{ path, message: `${what} can’t be paid: ${why}` }];
  });
  const [first] = errors;
  return first ? problem('invalid', { detail: `${first.path}: ${first.message}`, errors }) : null;
}

/** Null where the new drop is a draft, or one unit of every item can be paid. */
export const refuseNewDrop = (providers: Providers, drop: NewDrop): Response | null =>
  drop.published
    ? refusePrices(
        providers,
        drop.currency,
        drop.items.map(({ sku, price }, index) => ({ path: `items.${index}.price`, sku, price })),
      )
    : null;

/** Null where the edit publishes no price that can't be paid. What was public before stays editable. */
export function refuseEdit(providers: Providers, drop: Drop, edit: DropEdit): Response | null {
  if (!(edit.published ?? drop.published)) return null;
  const edited = (edit.items ?? []).flatMap(({ sku, price }, index) =>
    price === undefined ? [] : [{ path: `items.${index}.price`, sku, price }],
  );
  const others = drop.items.filter(({ sku }) => !edited.some((item) => item.sku === sku));
  const published = drop.published ? [] : others.map(({ sku, price }) => ({ path: 'published', sku, price }));
  return refusePrices(providers, drop.currency, [...edited, ...published]);
}
