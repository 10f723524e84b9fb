/** Checkout URLs that a drop's file may contain; these checkouts have ended. */

/** Hosts of imitated providers, in tests and development. */
const loopback: readonly string[] = ['127.0.0.1', '[::1]', 'localhost'];

/** Any https host: a Stripe account can use its own domain for checkouts, and give it up. */
export function isClosedCheckoutUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url?.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && loopback.includes(url.hostname));
}
