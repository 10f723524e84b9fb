/** The payment providers, by the names in settings, routes and rows. */
export const providerNames = ['sandbox', 'stripe', 'payos'] as const;
export type ProviderName = (typeof providerNames)[number];
