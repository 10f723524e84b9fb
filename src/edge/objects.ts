/** Sends requests to the objects, and retries those that are idempotent where the platform says that a retry may help. */

import { type Jurisdiction, jurisdictions, type LocationHint } from '../domain/shard.ts';
import { refuse } from '../http/problem.ts';
import type { Log } from '../log.ts';
import type { Clock } from '../split/clock.ts';
import { objectAt } from './object-address.ts';
import { isIdempotent, isOverloaded, withRetries } from './object-retries.ts';

/** A shard did not answer, as often as it may be asked; what was asked of it may have been done. */
export class ObjectUnreachableError extends Error {
  /** Then it was not done. */
  readonly isOverloaded: boolean;
  constructor(isOverloaded: boolean) {
    super('An object did not answer.');
    this.name = 'ObjectUnreachableError';
    this.isOverloaded = isOverloaded;
  }
}

/**
 * The answer with all of its body: an object may end between its first word and its last, and half an answer is none. Only
 * downloads go through as they come, and so do sockets.
 */
async function whole(response: Response): Promise<Response> {
  const isDownload = response.headers.has('content-disposition');
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream');
  if (isDownload || isStream || response.body === null || response.webSocket) return response;
  return new Response(await response.arrayBuffer(), response);
}

export class Objects<Class extends Rpc.DurableObjectBranded> {
  readonly #namespace: DurableObjectNamespace<Class>;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #random: () => number;

  constructor(namespace: DurableObjectNamespace<Class>, log: Log, clock: Clock, random: () => number) {
    this.#namespace = namespace;
    this.#log = log;
    this.#clock = clock;
    this.#random = random;
  }

  /** The jurisdictions that this runtime has; workerd itself has none. */
  jurisdictions(): Jurisdiction[] {
    return jurisdictions.filter((jurisdiction) => {
      try {
        this.#namespace.jurisdiction(jurisdiction);
        return true;
      } catch {
        return false;
      }
    });
  }

  /** Calls a shard, or a relay by its name; a new stub each time, because one that failed stays broken. Rejects with `ObjectUnreachableError`. */
  async call<T>(
    shardId: number | string,
    work: (stub: DurableObjectStub<Class>) => Promise<T>,
    isCallIdempotent: boolean,
    hint: LocationHint | null = null,
  ): Promise<T> {
    const call = (): Promise<T> => work(objectAt(this.#namespace, shardId, hint));
    try {
      return await withRetries(call, isCallIdempotent, this.#clock, this.#random);
    } catch (error) {
      const overloaded = isOverloaded(error);
      this.#log.warn({ shardId, overloaded, error: String(error) }, 'an object did not answer');
      throw new ObjectUnreachableError(overloaded);
    }
  }

  /** Sends a request on; answers 503 where the object can't be reached, and says whether it may have been done. */
  async forward(shardId: number | string, request: Request): Promise<Response> {
    try {
      return await this.call(
        shardId,
        async (stub) => whole(await stub.fetch(request.clone())),
        isIdempotent(request),
      );
    } catch (error) {
      if (!(error instanceof ObjectUnreachableError)) throw error;
      const isUndone = error.isOverloaded || request.method === 'GET' || request.method === 'HEAD';
      return refuse(isUndone ? { kind: 'overloaded', retryAfterSeconds: 1 } : { kind: 'outcome_unknown' });
    }
  }
}
