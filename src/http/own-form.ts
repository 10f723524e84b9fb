/** Distinguishes forms of our own pages from forms that another site makes a browser send. */
import type { Context } from 'hono';
import type { Deps } from './deps.ts';
import { problem } from './problem.ts';

/** Values for a form of the same origin, and for a typed URL. A sibling domain is another site. */
const ownSites: ReadonlySet<string> = new Set(['same-origin', 'none']);

/** The request's own host counts as well: PUBLIC_URL may be unset, or the shop have two names. */
function isOwnOrigin(origin: string, publicUrl: string, requestUrl: string): boolean {
  const [given, own, here] = [URL.parse(origin), URL.parse(publicUrl), new URL(requestUrl)];
  if (!given || given.origin !== origin) return false;
  // Proxies terminate TLS in front of us, so only PUBLIC_URL has a reliable scheme.
  return given.origin === own?.origin || (given.host === here.host && here.host !== own?.host);
}

const refusal = (): Response =>
  problem('forbidden', {
    detail:
      'This form comes from another site. If the site is yours, set PUBLIC_URL to the address in the browser.',
  });

/** Null if neither `Sec-Fetch-Site` nor `Origin` names another site; old browsers may lack them. */
export function refuseForeignForm(c: Context, { publicUrl }: Pick<Deps, 'publicUrl'>): Response | null {
  const site = c.req.header('sec-fetch-site');
  const origin = c.req.header('origin');
  if (site !== undefined && !ownSites.has(site)) return refusal();
  if (origin !== undefined && !isOwnOrigin(origin, publicUrl(), c.req.url)) return refusal();
  return null;
}

/** Like `refuseForeignForm`, but refuses browsers that name no site: for cookie-only actions. */
export function refuseUnnamedForm(c: Context): Response | null {
  const isNamed = c.req.header('sec-fetch-site') !== undefined || c.req.header('origin') !== undefined;
  return isNamed ? null : refusal();
}
