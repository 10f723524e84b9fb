/**
 * Sends requests to objects, and retries idempotent ones where the platform marks the error
 * retryable.
 */

import { type Jurisdiction, jurisdictions, type LocationHint } from '../domain/shard.ts';
import { refuse } from '../http/problem.ts';
import type { Log } from '../log.ts';
import type { Clock } from '../split/clock.ts';
import { objectAt } from './object-address.ts';
import { isIdempotent, isOverloaded, withRetries } from './object-retries.ts';

/**
 * An object did not answer after all attempts; unless it was overloaded, it may have executed the
 * call.
 */
export class ObjectUnreachableError extends Error {
  /** Whether the object was overloaded, and so did not execute the call. */
  readonly isOverloaded: boolean;
  constructor(isOverloaded: boolean) {
    super('An object did not answer.');
    this.name = 'ObjectUnreachableError';
    this.isOverloaded = isOverloaded;
  }
}

/**
 * Buffers the whole body: an object may end in the middle of an answer, and a partial answer is a
 * failure. Downloads, event streams and sockets pass through unbuffered.
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

  /** The jurisdictions that the runtime supports; local workerd supports none. */
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

  /**
   * Calls a shard, or a relay by its name. Uses a new stub each time, because a stub that failed
   * stays broken. Rejects with `ObjectUnreachableError`.
   */
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

  /**
   * Forwards a request; answers 503 if the object is unreachable, with whether the request may have
   * been executed.
   */
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
