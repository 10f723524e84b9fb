/**
 * Calls the API for the dashboard with the operator's session, and so with its scopes and rules.
 */
import type { Context } from 'hono';
import type { GenericSchema, InferOutput } from 'valibot';
import type { RefusalView } from '../../pages/admin/views.ts';
import { csrfHeader } from '../admin-auth.ts';
import { isKeyed } from '../operation.ts';
import { isReplay } from '../operator-key.ts';
import { type OperationOf, type OperatorOperationId, operatorOperationById } from '../operator-operations.ts';

export type Send = (request: Request, c: Context) => Promise<Response>;
/** `isReplay`: an earlier request with the same key already did the write. */
export type Answered<T> =
  | { value: T; isReplay: boolean; refusal?: never }
  | { value?: never; isReplay?: never; refusal: RefusalView };

/** The JSON with which an operation answers. */
type AnswerOf<Id extends OperatorOperationId> = OperationOf<Id>['answers'][number] extends {
  schema: infer S extends GenericSchema;
}
  ? InferOutput<S>
  : never;

interface Given {
  /** For the parameter of the path. */
  id?: string;
  /** Empty values are omitted. */
  query?: Readonly<Record<string, string>>;
  body?: object;
}

export interface Api {
  /** Sends the form's Idempotency-Key with a write that takes one. */
  call<Id extends OperatorOperationId>(operation: Id, given?: Given): Promise<Answered<AnswerOf<Id>>>;
  /** T is the published answer of the route. */
  get<T>(path: string): Promise<Answered<T>>;
  /** An answer that is not JSON; null on failure. */
  text(path: string): Promise<string | null>;
}

async function refusalOf(answer: Response): Promise<RefusalView> {
  const { code, detail, errors = [] } = (await answer.json()) as Partial<RefusalView>;
  // The dashboard sets this header; the operator did not type it.
  const shown = code === 'key_reused' ? [] : errors;
  return { status: answer.status, code: code ?? 'internal', detail: detail ?? '', errors: shown };
}

export function apiFor(c: Context, csrf: string, key: string | undefined, send: Send): Api {
  const ask = (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = { cookie: c.req.header('cookie') ?? '', ...init.headers };
    return send(new Request(new URL(path, c.req.url), { ...init, headers }), c);
  };
  const answered = async <T>(answer: Response): Promise<Answered<T>> =>
    answer.ok
      ? { value: (await answer.json()) as T, isReplay: isReplay(answer) }
      : { refusal: await refusalOf(answer) };
  return {
    async call(id, given = {}) {
      const operation = operatorOperationById[id];
      const path = operation.path.replace(':id', encodeURIComponent(given.id ?? ''));
      const method = operation.method.toUpperCase();
      const headers = {
        ...(method !== 'GET' && { [csrfHeader]: csrf }),
        ...(key && isKeyed(operation) && { 'idempotency-key': key }),
        ...(given.body && { 'content-type': 'application/json' }),
      };
      const body = given.body && { body: JSON.stringify(given.body) };
      return answered(await ask(pathWith(path, given.query ?? {}), { method, headers, ...body }));
    },
    get: async (path) => answered(await ask(path)),
    async text(path) {
      const answer = await ask(path);
      return answer.ok ? answer.text() : null;
    },
  };
}

/** A path of the API with a query; omits empty values. */
export function pathWith(path: string, query: Readonly<Record<string, string>>): string {
  const given = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== ''));
  return given.size === 0 ? path : `${path}?${given}`;
}
