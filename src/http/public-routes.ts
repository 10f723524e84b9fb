/** Registers the routes of buyers, payment providers and monitors. */
import { type Context, Hono } from 'hono';
import type { PublicOperation } from './operation.ts';

/** Joins the operations of a file with their handlers. */
export function publicRoutes<const T extends readonly PublicOperation[]>(
  table: T,
  handlers: { [Id in T[number]['id']]: (c: Context) => Response | Promise<Response> },
): Hono {
  const app = new Hono();
  for (const { id, method, path } of table) {
    app.on(method.toUpperCase(), path, handlers[id as T[number]['id']]);
  }
  return app;
}
