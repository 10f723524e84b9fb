/** The hosts of each provider's checkouts: a page on another host could steal a buyer's money. */

const hosts: Readonly<Record<string, readonly string[]>> = {
  sandbox: [],
  stripe: ['checkout.stripe.com'],
  payos: ['pay.payos.vn'],
};
/** Providers that tests and development imitate. */
const loopback: readonly string[] = ['127.0.0.1', '[::1]', 'localhost'];

/** The names of all providers. */
export const providersKnown = Object.keys(hosts);

export function isCheckoutUrl(provider: string, text: string): boolean {
  const url = URL.parse(text);
  if (url?.username !== '' || url.password !== '') return false;
  if (loopback.includes(url.hostname)) return /^https?:$/.test(url.protocol);
  return url.protocol === 'https:' && url.port === '' && (hosts[provider] ?? []).includes(url.hostname);
}
