/** The route pattern that answered a request, as metrics and traces name it. */
import type { Context } from 'hono';
import { matchedRoutes } from 'hono/route';

const isConcrete = (pattern: string): boolean => !pattern.includes('*');

/**
 * Call this once the request is answered. Hono also matches later routes (`/admin/*` matches every
 * operator path), so the last match is not the answer. If a middleware refused, this returns the
 * route that the request was for.
 */
export function answeredRoute(c: Context): string {
  const matched = matchedRoutes(c).slice(c.req.routeIndex);
  return (matched.find(({ path }) => isConcrete(path)) ?? matched.at(-1))?.path ?? '';
}
