/** Tells browsers to come by https only, where https is the address that buyers are told. */
import type { MiddlewareHandler } from 'hono';
import type { Deps } from './deps.ts';

const YEAR_SECONDS = 31_536_000;

/** Where people look: a browser that has seen one page keeps to it for all else here, so no other answer pays for it. */
export const pagePaths: readonly string[] = [
  ...['/', '/d/*', '/o/*', '/orders/find', '/pay/*', '/docs', '/problems', '/problems/*'],
  ...['/admin', '/admin/sign-in', '/admin/ui/*'],
];

/** Not for subdomains: they are not ours to speak for. */
export const strictTransport = ({ publicUrl }: Pick<Deps, 'publicUrl'>): MiddlewareHandler =>
  async function strictTransport(c, next) {
    await next();
    if (publicUrl().startsWith('https:')) {
      c.res.headers.set('strict-transport-security', `max-age=${YEAR_SECONDS}`);
    }
  };
