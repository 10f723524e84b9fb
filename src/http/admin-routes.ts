/** Every route of the operator with the scope that it needs: nothing under /admin answers without passing here. */
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
 * No credentials: 401. Missing scope: 403. Only an authenticated operator learns from `unanswered` which routes and methods
 * there are.
 */
export function adminRoutes(
  routes: readonly AdminRoute[],
  authenticate: Authenticate,
  rateLimits: RateLimits | null,
  unanswered: (c: Context) => Response,
) {
  const app = new Hono();
  /**
   * The operator, or the refusal. A valid token is never refused for the wrong ones that came from its address: strangers
   * could lock the operator out. No speed suffices to guess a token: the limit slows clients that keep sending an old one.
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
