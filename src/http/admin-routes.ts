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
   * The operator, or the refusal. Whose address has sent too many wrong tokens waits before the next is looked at, a right
   * one too: an answer that told it from the wrong ones would let a guesser go on at full speed. A session waits for
   * nothing: its seal can't be guessed.
   */
  const identify = (c: Context): Operator | Response => {
    const known = authenticate.bySession(c);
    if (known) return known;
    const tooMany = rateLimits?.lookAtLogins(c);
    if (tooMany) return tooMany;
    const operator = authenticate.byToken(c);
    if (operator) return operator;
    rateLimits?.countFailedLogin(c);
    return problem('unauthorized', { headers: { 'www-authenticate': 'Bearer' } });
  };
  for (const { method, path, scope, handle } of routes) {
    app.on(method, path, (c) => {
      const operator = identify(c);
      if (operator instanceof Response) return operator;
      if (operator.scopes.has(scope)) return handle(c, operator);
      return problem('forbidden', { detail: `The token lacks the scope ${scope}.` });
    });
  }
  return app.all('/admin/*', (c) => {
    const operator = identify(c);
    return operator instanceof Response ? operator : unanswered(c);
  });
}
