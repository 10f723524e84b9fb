/** Refuses to publish prices that no provider can charge, whenever a drop is created or edited. */
import type { DropEdit, NewDrop } from '../domain/command.ts';
import type { Drop } from '../domain/drop.ts';
import { amountText } from '../domain/money-text.ts';
import type { FieldError } from '../domain/outcome.ts';
import { type Providers, whyUnchargeable } from '../payments/chargeable.ts';
import { problem } from './problem.ts';

/** A price about to become public, and the field that makes it so. */
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
    // A price of the existing drop is not in the request, so the message names its item.
    const what = path === 'published' ? `Item ${sku} at ${amountText(price, currency)}` : 'This price';
    return why === null ? [] : [{ path, message: `${what} can’t be paid: ${why}` }];
  });
  const [first] = errors;
  return first ? problem('invalid', { detail: `${first.path}: ${first.message}`, errors }) : null;
}

/** Null for a draft, or if one unit of every item can be paid. */
export const refuseNewDrop = (providers: Providers, drop: NewDrop): Response | null =>
  drop.published
    ? refusePrices(
        providers,
        drop.currency,
        drop.items.map(({ sku, price }, index) => ({ path: `items.${index}.price`, sku, price })),
      )
    : null;

/** Null if the edit publishes no price that can't be paid. Prices already public stay editable. */
export function refuseEdit(providers: Providers, drop: Drop, edit: DropEdit): Response | null {
  if (!(edit.published ?? drop.published)) return null;
  const edited = (edit.items ?? []).flatMap(({ sku, price }, index) =>
    price === undefined ? [] : [{ path: `items.${index}.price`, sku, price }],
  );
  const others = drop.items.filter(({ sku }) => !edited.some((item) => item.sku === sku));
  const published = drop.published ? [] : others.map(({ sku, price }) => ({ path: 'published', sku, price }));
  return refusePrices(providers, drop.currency, [...edited, ...published]);
}
