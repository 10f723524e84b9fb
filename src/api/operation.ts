/** What the published document knows of one route: the table that document, reference page and typed client are made from. */
import type { GenericSchema } from 'valibot';
import type { OperatorScope } from '../domain/operator.ts';
import type { ProblemCode } from '../http/problem.ts';
import { operatorKey } from '../http/schema.ts';

export interface Answer {
  status: 200 | 201 | 202 | 303 | 304 | 410 | 503;
  description: string;
  /** Of JSON answers. */
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
  /** What a request needs: nothing, the order's token, a payment provider's signature, or an operator's scope. */
  access: 'public' | 'order token' | 'provider' | OperatorScope;
  query?: GenericSchema;
  /** Request headers that the route reads. */
  headers?: Readonly<Record<string, GenericSchema>>;
  body?:
    | { schema: GenericSchema; example: unknown; isOptional?: true }
    /** Read as the bytes that came: it is not checked by its schema alone. */
    | { schema: GenericSchema; isRaw: true };
  answers: readonly Answer[];
  /** The codes that are this route's own; `refusalsOf` adds those that follow from the fields above. */
  refusals: readonly ProblemCode[];
  /** Waits for the writer, and so may hear that its queue is full, that the server goes away, or that nothing is known. */
  writes?: true;
  /** Counted against the address that asks. */
  isLimited?: true;
  /** Only where the server runs on Workers. */
  isOnlyOnWorkers?: true;
  /** Only where the server has a file of its own. */
  isOnlyOnMachines?: true;
}

/** The header of operators' writes that can be repeated. */
export const once = { 'Idempotency-Key': operatorKey };

/** Whether the route takes an Idempotency-Key. */
export const isKeyed = ({ headers }: Operation): boolean =>
  headers !== undefined && 'Idempotency-Key' in headers;

/** Keeps the exact types of a table's entries: the typed client is made from them. */
export const operations = <const T extends readonly Operation[]>(table: T): T => table;

export const isOperators = ({ access }: Operation): boolean =>
  access !== 'public' && access !== 'order token' && access !== 'provider';

/** Answers of any route if the server itself fails or its drop has moved: documented once, as the default answer. */
export const unexpected = [
  'internal',
  'moved',
  'not_configured',
  'overloaded',
  'disk_full',
  'outcome_unknown',
] as const satisfies ProblemCode[];

/** Every code that a route may refuse with, without those of `unexpected` that it has no part in. */
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
      // On Workers there is only ADMIN_TOKEN, which may everything.
      ...(isOperators(operation) && !isOnlyOnWorkers ? (['forbidden'] as const) : []),
      ...(isLimited ? (['rate_limited'] as const) : []),
      ...(writes ? (['overloaded', 'stopping', 'outcome_unknown'] as const) : []),
    ]),
  ];
}
