/** What a drop's file may say of a checkout that its provider has ended: no buyer is sent there again. */

/** The names of all providers. */
export const providersKnown = ['sandbox', 'stripe', 'payos'];

/** Providers that tests and development imitate. */
const loopback: readonly string[] = ['127.0.0.1', '[::1]', 'localhost'];

/** Any host: a Stripe account can have a domain of its own for its checkouts, and may have given it up since. */
export function isClosedCheckoutUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url?.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && loopback.includes(url.hostname));
}
