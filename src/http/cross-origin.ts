/** CORS: lets pages of the origins in CORS_ORIGINS call the public API (the Fetch standard). */
import type { Context, MiddlewareHandler } from 'hono';

/** Paths for buyers' programs: no payment pages, webhooks or operator routes. */
export const publicPaths: readonly string[] = ['/drops/*', '/purchase', '/orders/*'];

const PREFLIGHT_SECONDS = 7_200;
const preflight = {
  'access-control-allow-methods': 'GET, HEAD, POST',
  'access-control-allow-headers':
    'Authorization, Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID, traceparent',
  'access-control-max-age': String(PREFLIGHT_SECONDS),
};
/** Headers that scripts may read in addition. No credentials: cookies are for our own pages. */
const exposed = 'Date, ETag, Idempotency-Replayed, RateLimit, RateLimit-Policy, Retry-After';

/**
 * The Access-Control-Allow-Origin for a page of this origin; null if it may not read the answer.
 */
export function allowedOrigin(origins: readonly string[], origin: string | undefined): string | null {
  if (origins[0] === '*') return '*';
  return origin !== undefined && origins.includes(origin) ? origin : null;
}

const isPreflight = (c: Context): boolean =>
  c.req.method === 'OPTIONS' && c.req.header('access-control-request-method') !== undefined;

/** Whether an answer has the headers already, as from a drop's object at the edge. */
const isMarked = ({ headers }: Response): boolean =>
  headers.has('access-control-expose-headers') || (headers.get('vary') ?? '').includes('Origin');

/** Sets the CORS headers of an answer. */
function markAnswer(c: Context, { headers, ok }: Response, origins: readonly string[]): void {
  const origin = allowedOrigin(origins, c.req.header('origin'));
  // Caches must not give one origin's answer to another.
  if (origin !== '*') headers.append('vary', 'Origin');
  if (origin === null) return;
  headers.set('access-control-allow-origin', origin);
  headers.set('access-control-expose-headers', exposed);
  if (!ok || !isPreflight(c)) return;
  for (const [name, value] of Object.entries(preflight)) headers.set(name, value);
}

export const crossOrigin = (origins: readonly string[]): MiddlewareHandler =>
  async function crossOrigin(c, next) {
    await next();
    markAnswer(c, c.res, origins);
  };

/** Adds the headers to the Worker's own answers. An object's answer is immutable: copy it. */
export const markOwn = (origins: readonly string[]): MiddlewareHandler =>
  async function markOwn(c, next) {
    await next();
    if (c.res.status === 101 || isMarked(c.res)) return;
    const answer = new Response(c.res.body, c.res);
    markAnswer(c, answer, origins);
    c.res = undefined;
    c.res = answer;
  };
