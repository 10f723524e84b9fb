/**
 * Which checkout URLs a drop's file may contain. These checkouts have ended; no buyer is sent to
 * them again.
 */

/** The names of all providers. */
export const providersKnown = ['sandbox', 'stripe', 'payos'];

/** Hosts of imitated providers, in tests and development. */
const loopback: readonly string[] = ['127.0.0.1', '[::1]', 'localhost'];

/**
 * Any https host: a Stripe account can use a domain of its own for checkouts, and may have given it
 * up since.
 */
export function isClosedCheckoutUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url?.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && loopback.includes(url.hostname));
}
