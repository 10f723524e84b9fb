/** One API operation; the document, the reference page and the typed client are made from these. */
import type { GenericSchema } from 'valibot';
import type { OperatorScope } from '../domain/operator.ts';
import type { ProblemCode } from '../http/problem.ts';
import { operatorKey } from '../http/schema.ts';

export interface Answer {
  status: 200 | 201 | 202 | 303 | 304 | 410 | 503;
  description: string;
  /** Schema of a JSON answer. */
  schema?: GenericSchema;
  /** The media type of answers that are not JSON. */
  type?: string;
}

export interface Operation {
  id: string;
  method: 'get' | 'post' | 'patch';
  /** In Hono's notation. */
  path: `/${string}`;
  tag: 'Drops' | 'Purchases' | 'Payments' | 'Operator' | 'Health';
  summary: string;
  description?: string;
  /** The required credentials: none, order token, provider's signature, or an operator's scope. */
  access: 'public' | 'order token' | 'provider' | OperatorScope;
  query?: GenericSchema;
  /** Request headers that the route reads. */
  headers?: Readonly<Record<string, GenericSchema>>;
  body?:
    | { schema: GenericSchema; example: unknown; isOptional?: true }
    /** The handler reads the raw bytes: the schema alone does not validate the body. */
    | { schema: GenericSchema; isRaw: true };
  answers: readonly Answer[];
  /** The route's own codes; `refusalsOf` adds those that follow from the other fields. */
  refusals: readonly ProblemCode[];
  /** Waits for the writer, so it can also answer overloaded, stopping or outcome_unknown. */
  writes?: true;
  /** Counts against the rate limit of the client's address. */
  isLimited?: true;
  /** Only on Workers. */
  isOnlyOnWorkers?: true;
  /** Only on servers with their own database file. */
  isOnlyOnMachines?: true;
}

/** The Idempotency-Key header of operator writes. */
export const once = { 'Idempotency-Key': operatorKey };

/** Whether the route takes an Idempotency-Key. */
export const isKeyed = ({ headers }: Operation): boolean =>
  headers !== undefined && 'Idempotency-Key' in headers;

/** Keeps the exact types of the entries, for the typed client. */
export const operations = <const T extends readonly Operation[]>(table: T): T => table;

export const isOperators = ({ access }: Operation): boolean =>
  access !== 'public' && access !== 'order token' && access !== 'provider';

/** Codes that any route may answer, documented once as the default response. */
export const unexpected = [
  'internal',
  'moved',
  'not_configured',
  'overloaded',
  'disk_full',
  'outcome_unknown',
] as const satisfies ProblemCode[];

/** Every code that a route may answer, except those that only the default response documents. */
export function refusalsOf(operation: Operation): readonly ProblemCode[] {
  const { body, query, writes, isLimited, isOnlyOnWorkers, refusals } = operation;
  return [
    ...new Set<ProblemCode>([
      ...refusals,
      ...(body && !('isRaw' in body)
        ? (['malformed', 'too_large', 'unsupported_media_type', 'invalid'] as const)
        : []),
      ...(query ? (['invalid'] as const) : []),
      ...(isKeyed(operation) ? (['invalid', 'key_reused'] as const) : []),
      ...(isOperators(operation) ? (['unauthorized', 'rate_limited'] as const) : []),
      // On Workers only ADMIN_TOKEN exists, which grants every scope.
      ...(isOperators(operation) && !isOnlyOnWorkers ? (['forbidden'] as const) : []),
      ...(isLimited ? (['rate_limited'] as const) : []),
      ...(writes ? (['overloaded', 'stopping', 'outcome_unknown'] as const) : []),
    ]),
  ];
}
