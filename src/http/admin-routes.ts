/** Registers the operator routes with their scopes; every request under /admin is checked here. */
import { type Context, Hono } from 'hono';
import type { Operator, OperatorScope } from '../domain/operator.ts';
import type { Authenticate } from './admin-auth.ts';
import { problem } from './problem.ts';
import type { RateLimits } from './rate-limits.ts';

export interface AdminRoute {
  method: 'GET' | 'POST' | 'PATCH';
  /** In Hono's notation, from /admin on. */
  path: string;
  scope: OperatorScope;
  handle(c: Context, operator: Operator): Response | Promise<Response>;
}

/**
 * No credentials: 401. Missing scope: 403. Only authenticated operators learn from `unanswered`
 * which routes and methods exist.
 */
export function adminRoutes(
  routes: readonly AdminRoute[],
  authenticate: Authenticate,
  rateLimits: RateLimits | null,
  unanswered: (c: Context) => Response,
) {
  const app = new Hono();
  /**
   * Returns the operator, or the refusal. A valid token is never refused because of wrong tokens
   * from the same address: otherwise a stranger could lock the operator out. Tokens are too long to
   * guess; the limit slows clients that keep sending an old one.
   */
  const identify = async (c: Context): Promise<Operator | Response> =>
    authenticate.bySession(c) ??
    authenticate.byToken(c) ??
    (await rateLimits?.takeFailedLogin(c)) ??
    problem('unauthorized', { headers: { 'www-authenticate': 'Bearer' } });
  for (const { method, path, scope, handle } of routes) {
    app.on(method, path, async (c) => {
      const operator = await identify(c);
      if (operator instanceof Response) return operator;
      if (operator.scopes.has(scope)) return handle(c, operator);
      return problem('forbidden', { detail: `The token lacks the scope ${scope}.` });
    });
  }
  return app.all('/admin/*', async (c) => {
    const operator = await identify(c);
    return operator instanceof Response ? operator : unanswered(c);
  });
}
