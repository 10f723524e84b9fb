/**
 * The declaration of a route: mounting, authorization, the Worker in front, the dashboard, the
 * OpenAPI document and the typed client all read it.
 */
import * as v from 'valibot';
import type { OperatorScope } from '../domain/operator.ts';
import type { ProblemCode } from './problem.ts';
import { operatorKey } from './schema.ts';

export interface Answer {
  status: 200 | 201 | 202 | 303 | 304 | 410 | 503;
  description: string;
  /** Schema of a JSON answer. */
  schema?: v.GenericSchema;
  /** The media type of answers that are not JSON. */
  type?: string;
}

interface Declaration {
  id: string;
  method: 'get' | 'post' | 'patch';
  /** In Hono's notation. */
  path: `/${string}`;
  summary: string;
  description?: string;
  query?: v.GenericSchema;
  /** Request headers that the route reads. */
  headers?: Readonly<Record<string, v.GenericSchema>>;
  body?:
    | { schema: v.GenericSchema; example: unknown; isOptional?: true }
    /** The handler reads the raw bytes: the schema alone does not validate the body. */
    | { schema: v.GenericSchema; isRaw: true };
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

/** A route of buyers, payment providers and monitors. */
export interface PublicOperation extends Declaration {
  tag: 'Drops' | 'Purchases' | 'Payments' | 'Health';
  /** The required credentials. */
  access: 'public' | 'order token' | 'provider';
}

/** A route of operators. */
export interface OperatorOperation extends Declaration {
  path: `/admin/${string}`;
  access: OperatorScope;
  /**
   * On Workers, which object answers: the one that holds the order or refund that the path names,
   * or the first shard or each shard of the drop that it names. Absent: the Worker in front.
   */
  object?: 'of the entry' | 'first shard' | 'each shard';
  /** The dashboard's page with what a GET answers, and the query parameters that it supports. */
  page?: { path: string; query?: readonly string[] };
}

export type Operation = PublicOperation | OperatorOperation;

/** The Idempotency-Key header of operator writes. */
export const keyHeader = { 'Idempotency-Key': operatorKey };

export const textHeader = (meaning: string) => v.pipe(v.string(), v.description(meaning));

/** Whether the route takes an Idempotency-Key. */
export const isKeyed = ({ headers }: Operation): boolean =>
  headers !== undefined && 'Idempotency-Key' in headers;

/** Keeps the exact types of the entries, for handlers and the typed client. */
export const publicOperations = <const T extends readonly PublicOperation[]>(table: T): T => table;
export const operatorOperations = <const T extends readonly OperatorOperation[]>(table: T): T => table;

export const isOperators = (operation: Operation): operation is OperatorOperation => !('tag' in operation);

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
