/** Traces every request by its route pattern; never by path or query, which may be personal. */
import type { MiddlewareHandler } from 'hono';
import type { Trace } from '../trace.ts';
import { answeredRoute } from './answered-route.ts';
import { codeOf } from './problem.ts';

export const traced =
  (trace: Trace): MiddlewareHandler =>
  (c, next) =>
    trace.within(c.req.method, c.req.raw.headers, async (span) => {
      await next();
      const route = answeredRoute(c);
      const code = codeOf(c.res);
      span.note({
        'http.request.method': c.req.method,
        'http.route': route,
        'http.response.status_code': c.res.status,
        ...(code !== undefined && { 'error.type': code }),
      });
      if (c.res.status >= 500) span.fail();
    });
