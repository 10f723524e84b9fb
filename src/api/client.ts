/** A typed client of the API, with the routes, bodies and answers of the published document. */
import type { Hono } from 'hono';
import { type ClientRequestOptions, hc } from 'hono/client';
import type { BlankEnv } from 'hono/types';
import type { GenericSchema, InferInput, InferOutput } from 'valibot';
import type { problemDetails } from '../answers/schemas.ts';
import type { Answer, Operation } from '../http/operation.ts';
import type { allOperatorOperations } from '../http/operator-operations.ts';
import type { allPublicOperations } from '../http/public-operations.ts';

/** Statuses with which any route may refuse. */
type RefusalStatus = 400 | 401 | 403 | 404 | 409 | 413 | 415 | 422 | 429 | 500 | 503;

type NameIn<Rest> = Rest extends `${infer Name}/${string}` ? Name : Rest;
type ParamOf<O> = O extends { path: `${string}:${infer Rest}` }
  ? { param: Record<NameIn<Rest> & string, string> }
  : object;
type QueryOf<O> = O extends { query: infer S extends GenericSchema } ? { query: InferInput<S> } : object;
type HeaderOf<O> = O extends { headers: infer H } ? { header?: { [Name in keyof H]?: string } } : object;
type BodyOf<O> = O extends { body: { schema: infer S extends GenericSchema } }
  ? O extends { body: { isOptional: true } }
    ? { json?: InferInput<S> }
    : { json: InferInput<S> }
  : object;

type AnswerOf<A> = A extends { schema: infer S extends GenericSchema; status: infer Status }
  ? { output: InferOutput<S>; outputFormat: 'json'; status: Status }
  : A extends { status: infer Status }
    ? { output: string; outputFormat: 'text'; status: Status }
    : never;
// A type alias, because Hono requires an index signature, which interfaces lack.
type Refusal = {
  output: InferOutput<typeof problemDetails>;
  outputFormat: 'json';
  status: RefusalStatus;
};
type EndpointOf<O extends Operation> = { input: ParamOf<O> & QueryOf<O> & HeaderOf<O> & BodyOf<O> } & (
  | (O['answers'][number] extends infer A ? (A extends Answer ? AnswerOf<A> : never) : never)
  | Refusal
);

/** In the shape that Hono's client reads: by path, then by method. */
type RoutesOf<Table extends readonly Operation[]> = {
  [Path in Table[number]['path']]: {
    [O in Extract<Table[number], { path: Path }> as `$${O['method']}`]: EndpointOf<O>;
  };
};
type Api = Hono<
  BlankEnv,
  RoutesOf<readonly [...typeof allPublicOperations, ...typeof allOperatorOperations]>,
  '/'
>;

/** Named once, so that editors need not expand the type at each use. */
export type Client = ReturnType<typeof hc<Api>>;

/**
 * `url` is the server's origin. The client does not retry: the caller decides how often, and with
 * which Idempotency-Key. Operators pass their token as `headers: { authorization: 'Bearer …' }`.
 */
export const createClient = (url: string, options?: ClientRequestOptions): Client => hc<Api>(url, options);
