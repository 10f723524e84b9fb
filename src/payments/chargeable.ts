/**
 * Decides whether a configured payment provider can charge an amount, and explains why none can.
 */
import type { Drop } from '../domain/drop.ts';
import { amountText, toMajorText } from '../domain/money-text.ts';
import type { PaymentProvider } from './provider.ts';

export type Providers = ReadonlyMap<string, PaymentProvider>;

function isWithin(provider: PaymentProvider, amount: number, currency: string): boolean {
  const bounds = provider.bounds(currency);
  return bounds !== null && amount >= bounds.min && amount <= bounds.max && amount % bounds.multipleOf === 0;
}

/** The providers that can charge an amount, in the order of the configuration. */
export const chargingProviders = (
  providers: Providers,
  amount: number,
  currency: string,
): PaymentProvider[] => [...providers.values()].filter((provider) => isWithin(provider, amount, currency));

function ruleOf(provider: PaymentProvider, currency: string): string {
  const bounds = provider.bounds(currency);
  if (bounds === null) return `${provider.name} does not accept ${currency}`;
  const { min, max, multipleOf } = bounds;
  const step = multipleOf === 1 ? '' : `, in multiples of ${toMajorText(multipleOf, currency)}`;
  return `${provider.name} charges ${amountText(min, currency)} to ${amountText(max, currency)}${step}`;
}

/** Null if a provider can charge the amount; else one sentence with the rule of each provider. */
export function whyUnchargeable(providers: Providers, amount: number, currency: string): string | null {
  if (chargingProviders(providers, amount, currency).length > 0) return null;
  if (providers.size === 0) return 'No payment provider is configured.';
  return `${[...providers.values()].map((provider) => ruleOf(provider, currency)).join('; ')}.`;
}

/** Why one unit of an item can't be paid; null if every item can. */
export function whyUnpayable(
  providers: Providers,
  { currency, items }: Pick<Drop, 'currency' | 'items'>,
): string | null {
  for (const { sku, price } of items) {
    const why = whyUnchargeable(providers, price, currency);
    if (why !== null) return `${sku} at ${amountText(price, currency)}: ${why}`;
  }
  return null;
}

/** The most units whose total a provider can charge; 0 if none can charge one. */
export const unitsPayable = (providers: Providers, price: number, currency: string): number =>
  Math.max(
    0,
    ...chargingProviders(providers, price, currency).map((provider) =>
      Math.floor((provider.bounds(currency)?.max ?? 0) / price),
    ),
  );
