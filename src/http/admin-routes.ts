/** Registers the operator routes; every request under /admin is authorized here. */
import { type Context, Hono } from 'hono';
import type { GenericSchema, InferOutput } from 'valibot';
import type { Operator, OperatorWrite } from '../domain/operator.ts';
import type { Ids } from '../ids/ids.ts';
import type { Authenticate } from './admin-auth.ts';
import { check, readJson, readOptionalJson } from './json.ts';
import type { OperatorOperation } from './operation.ts';
import { onceBy } from './operator-key.ts';
import { problem } from './problem.ts';
import type { RateLimits } from './rate-limits.ts';

/** An authorized request; it offers only what the operation declares that it reads. */
interface OperatorRequest<O extends OperatorOperation> {
  c: Context;
  /** The operator's name in the event log. */
  actor: string;
  /** Reads and checks the body. A Response is the refusal to send instead. */
  readBody: O extends { body: { schema: infer S extends GenericSchema; example: unknown } }
    ? () => Promise<InferOutput<S> | Response>
    : undefined;
  readQuery: O extends { query: infer S extends GenericSchema } ? () => InferOutput<S> | Response : undefined;
  /** The Idempotency-Key for a command: see `onceBy`. */
  onceFor: O extends { headers: { 'Idempotency-Key': unknown } }
    ? (request: readonly unknown[]) => Pick<OperatorWrite, 'once'> | Response
    : undefined;
}

/** A handler for each operation of a table, by its id. */
type Handlers<T extends readonly OperatorOperation[]> = {
  [Id in T[number]['id']]: (
    request: OperatorRequest<Extract<T[number], { id: Id }>>,
  ) => Response | Promise<Response>;
};

export interface OperatorRoute {
  operation: OperatorOperation;
  handle(c: Context, operator: Operator, ids: Ids): Response | Promise<Response>;
}

function requestOf(operation: OperatorOperation, c: Context, actor: string, ids: Ids) {
  const { body, query } = operation;
  const read = body && 'isOptional' in body ? readOptionalJson : readJson;
  return {
    c,
    actor,
    readBody: body && (() => read(c, body.schema)),
    readQuery: query && (() => check(query, c.req.query())),
    onceFor: (request: readonly unknown[]) => onceBy(c, ids, actor, request),
  };
}

/** Joins the operations of a file with their handlers. */
export function operatorRoutes<const T extends readonly OperatorOperation[]>(
  table: T,
  handlers: Handlers<T>,
): OperatorRoute[] {
  return table.map((operation) => {
    // `Handlers` has checked that the entry of an id takes that operation's request.
    const handler = handlers[operation.id as keyof Handlers<T>] as (
      request: ReturnType<typeof requestOf>,
    ) => Response | Promise<Response>;
    return {
      operation,
      handle: (c, { actor }, ids) => handler(requestOf(operation, c, actor, ids)),
    };
  });
}

/**
 * No credentials: 401. Missing scope: 403. Only authenticated operators learn from `unanswered`
 * which routes and methods exist.
 */
export function adminRoutes(
  routes: readonly OperatorRoute[],
  authenticate: Authenticate,
  { ids, rateLimits }: { ids: Ids; rateLimits: RateLimits | null },
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
    (await rateLimits?.limitFailedLogins(c)) ??
    problem('unauthorized', { headers: { 'www-authenticate': 'Bearer' } });
  for (const { operation, handle } of routes) {
    const { method, path, access: scope } = operation;
    app.on(method.toUpperCase(), path, async (c) => {
      const operator = await identify(c);
      if (operator instanceof Response) return operator;
      if (operator.scopes.has(scope)) return handle(c, operator, ids);
      return problem('forbidden', { detail: `The token lacks the scope ${scope}.` });
    });
  }
  return app.all('/admin/*', async (c) => {
    const operator = await identify(c);
    return operator instanceof Response ? operator : unanswered(c);
  });
}
