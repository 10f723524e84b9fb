/** The pattern of the route that answered a request: what metrics and traces call it. */
import type { Context } from 'hono';
import { matchedRoutes } from 'hono/route';

const isConcrete = (pattern: string): boolean => !pattern.includes('*');

/**
 * To be called once the request is answered. Hono matches later routes too (`/admin/*` takes every path of an operator), so
 * the last match is not the answer. A middleware that refused is named by the route that it kept the request from.
 */
export function answeredRoute(c: Context): string {
  const matched = matchedRoutes(c).slice(c.req.routeIndex);
  return (matched.find(({ path }) => isConcrete(path)) ?? matched.at(-1))?.path ?? '';
}
