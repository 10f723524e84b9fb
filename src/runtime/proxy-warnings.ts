/** Logs, once each, the mistakes that make all buyers behind a proxy count as one address. */
import type { ProxyWarnings } from '../http/client-address.ts';
import type { Log } from '../log.ts';

/** Enough to recognise a format. */
const SHAPE_CHARACTERS_MAX = 60;

/** Returns an entry's format without the address in it: digits as 0, letters as a. */
const shapeOf = (entry: string): string =>
  entry
    .trim()
    .slice(0, SHAPE_CHARACTERS_MAX)
    .replaceAll(/\d+/g, '0')
    .replaceAll(/[a-z]+/gi, 'a')
    .replaceAll(/[^ -~]/g, '?');

export function createProxyWarnings(log: Log): ProxyWarnings {
  const logged = new Set<string>();
  const once = (message: string, details: Readonly<Record<string, string>> = {}): void => {
    if (logged.has(message)) return;
    logged.add(message);
    log.warn(details, message);
  };
  return {
    unexpected: () =>
      once('requests come through a proxy, but TRUSTED_PROXIES is empty: all buyers count as one address'),
    unreadable: (entry) =>
      once(
        'an X-Forwarded-For entry of a trusted proxy is not an IP address: its buyers count as one address',
        {
          shape: shapeOf(entry),
        },
      ),
  };
}
