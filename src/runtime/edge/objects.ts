/** The way to the objects: sends a request to a place, again where the platform says that this is safe, and never where it is not. */
import { refuse } from '../../http/problem.ts';
import { OBJECT_ATTEMPTS_MAX } from '../../limits.ts';
import type { Log } from '../../log.ts';
import type { DropObject } from './drop-object.ts';

type Stub = DurableObjectStub<DropObject>;

/** A place did not answer, as often as it may be asked; what was asked of it may have been done. */
export class ObjectUnreachableError extends Error {
  /** Then it was not done. */
  readonly isOverloaded: boolean;
  constructor(isOverloaded: boolean) {
    super('An object did not answer.');
    this.name = 'ObjectUnreachableError';
    this.isOverloaded = isOverloaded;
  }
}

/** Whether the platform says that the object has too much to do already. */
const isOverloadedBy = (error: unknown): boolean =>
  error instanceof Error && 'overloaded' in error && error.overloaded === true;

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

/** Whether the same request twice does what it does once. */
function isRepeatable(request: Request): boolean {
  const { method, headers, url } = request;
  return method === 'GET' || method === 'HEAD' || headers.has('idempotency-key') || url.endsWith('/webhook');
}

export class Objects {
  readonly #namespace: DurableObjectNamespace<DropObject>;
  readonly #log: Log;

  constructor(namespace: DurableObjectNamespace<DropObject>, log: Log) {
    this.#namespace = namespace;
    this.#log = log;
  }

  /**
   * Calls a place; a new stub each time, because one that failed stays broken. What is safe to do twice is tried again,
   * whatever went wrong but overload. Rejects with `ObjectUnreachableError`.
   */
  async call<T>(place: number, work: (stub: Stub) => Promise<T>, isSafeTwice: boolean): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await work(this.#namespace.getByName(String(place)));
      } catch (error) {
        const overloaded = isOverloadedBy(error);
        // Who is overloaded must not be asked again by us: his client may, later.
        const isOver = overloaded || !isSafeTwice || attempt === OBJECT_ATTEMPTS_MAX;
        if (isOver) {
          this.#log.warn({ place, overloaded, error: String(error) }, 'an object did not answer');
          throw new ObjectUnreachableError(overloaded);
        }
      }
    }
  }

  /** Sends a request on; answers 503 where the object can't be reached, and says whether it may have been done. */
  async forward(place: number, request: Request): Promise<Response> {
    const isSafeTwice = isRepeatable(request);
    try {
      return await this.call(place, async (stub) => whole(await stub.fetch(request.clone())), isSafeTwice);
    } catch (error) {
      if (!(error instanceof ObjectUnreachableError)) throw error;
      const isUndone = error.isOverloaded || request.method === 'GET' || request.method === 'HEAD';
      return refuse(isUndone ? { kind: 'overloaded', retryAfterSeconds: 1 } : { kind: 'outcome_unknown' });
    }
  }
}
