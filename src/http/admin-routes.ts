/** Every route of the operator with the scope that it needs: nothing under /admin answers without passing here. */
import { type Context, Hono } from 'hono';
import type { Operator, OperatorScope } from '../domain/operator.ts';
import type { Authenticate } from './admin-auth.ts';
import { problem } from './problem.ts';

export interface AdminRoute {
  method: 'GET' | 'POST' | 'PATCH';
  /** In Hono's notation, from /admin on. */
  path: string;
  scope: OperatorScope;
  handle(c: Context, operator: Operator): Response | Promise<Response>;
}

const unauthorized = (): Response => problem('unauthorized', { headers: { 'www-authenticate': 'Bearer' } });

/** Who is nobody hears 401, who may not 403, and only who is somebody that a route doesn't exist. */
export function adminRoutes(routes: readonly AdminRoute[], authenticate: Authenticate) {
  const app = new Hono();
  for (const { method, path, scope, handle } of routes) {
    app.on(method, path, (c) => {
      const operator = authenticate(c);
      if (!operator) return unauthorized();
      if (operator.scopes.has(scope)) return handle(c, operator);
      return problem('forbidden', { detail: `The token lacks the scope ${scope}.` });
    });
  }
  return app.all('/admin/*', (c) => (authenticate(c) ? problem('not_found') : unauthorized()));
}
