/** HSTS: makes browsers use https if PUBLIC_URL does. */
import type { MiddlewareHandler } from 'hono';
import type { Deps } from './deps.ts';

const YEAR_SECONDS = 31_536_000;

/** Pages that people open. A browser that has seen one applies the policy to the whole origin. */
export const pagePaths: readonly string[] = [
  '/',
  '/d/*',
  '/o/*',
  '/orders/find',
  '/pay/*',
  '/docs',
  '/problems',
  '/problems/*',
  '/admin',
  '/admin/sign-in',
  '/admin/ui/*',
];

/** Excludes subdomains, which may belong to others. */
export const strictTransport = ({ publicUrl }: Pick<Deps, 'publicUrl'>): MiddlewareHandler =>
  async function strictTransport(c, next) {
    await next();
    if (publicUrl().startsWith('https:')) {
      c.res.headers.set('strict-transport-security', `max-age=${YEAR_SECONDS}`);
    }
  };
