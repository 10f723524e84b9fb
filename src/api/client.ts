/** A typed client of the API for TypeScript: routes, bodies and answers as the published document has them. */
import type { Hono } from 'hono';
import { type ClientRequestOptions, hc } from 'hono/client';
import type { BlankEnv } from 'hono/types';
import type { GenericSchema, InferInput, InferOutput } from 'valibot';
import type { problemDetails } from '../http/answers.ts';
import type { buyerOperations } from './buyer-operations.ts';
import type { Answer, Operation } from './operation.ts';
import type { operatorOperations } from './operator-operations.ts';
import type { refundOperations } from './refund-operations.ts';

/** What any route may refuse with. */
type RefusalStatus = 400 | 401 | 403 | 404 | 409 | 413 | 415 | 422 | 429 | 500 | 503;

type ParamOf<O> = O extends { path: `${string}:id${string}` } ? { param: { id: string } } : object;
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
// A type and no interface: Hono asks for an index signature, which interfaces have not.
type Refusal = {
  output: InferOutput<typeof problemDetails>;
  outputFormat: 'json';
  status: RefusalStatus;
};
type EndpointOf<O extends Operation> = { input: ParamOf<O> & QueryOf<O> & HeaderOf<O> & BodyOf<O> } & (
  | (O['answers'][number] extends infer A ? (A extends Answer ? AnswerOf<A> : never) : never)
  | Refusal
);

/** In the form that Hono's client reads: by path, then by method. */
type RoutesOf<Table extends readonly Operation[]> = {
  [Path in Table[number]['path']]: {
    [O in Extract<Table[number], { path: Path }> as `$${O['method']}`]: EndpointOf<O>;
  };
};
type Api = Hono<
  BlankEnv,
  RoutesOf<readonly [...typeof buyerOperations, ...typeof operatorOperations, ...typeof refundOperations]>,
  '/'
>;

/** Written out once, so that an editor need not work the types out again for each use. */
export type Client = ReturnType<typeof hc<Api>>;

/**
 * `url` is the server's origin. Nothing is retried here: whoever buys decides how often, and with which key. Operators give
 * their token by `headers: { authorization: 'Bearer …' }`.
 */
export const createClient = (url: string, options?: ClientRequestOptions): Client => hc<Api>(url, options);
