/** The way to the objects: sends a request to a place, again where the platform says that this is safe, and never where it is not. */
import { problem, refuse } from '../../http/problem.ts';
import { OBJECT_ATTEMPTS_MAX } from '../../limits.ts';
import type { Log } from '../../log.ts';
import type { DropObject } from './drop-object.ts';

type Stub = DurableObjectStub<DropObject>;

/** What the platform says of a failed call to an object. */
const saysOf = (error: unknown): { overloaded: boolean; retryable: boolean } => ({
  overloaded: error instanceof Error && 'overloaded' in error && error.overloaded === true,
  retryable: error instanceof Error && 'retryable' in error && error.retryable === true,
});

/**
 * The answer with all of its body: an object may end between its first word and its last, and half an answer is none. Only
 * downloads go through as they come, and so do sockets.
 */
async function whole(response: Response): Promise<Response> {
  const isDownload = response.headers.has('content-disposition');
  if (isDownload || response.body === null || response.webSocket) return response;
  return new Response(await response.arrayBuffer(), response);
}

/** Whether the same request twice does what it does once. */
function isRepeatable(request: Request): boolean {
  const { method, headers } = request;
  return (
    method === 'GET' || method === 'HEAD' || headers.has('idempotency-key') || /\/webhook$/.test(request.url)
  );
}

export class Objects {
  readonly #namespace: DurableObjectNamespace<DropObject>;
  readonly #log: Log;

  constructor(namespace: DurableObjectNamespace<DropObject>, log: Log) {
    this.#namespace = namespace;
    this.#log = log;
  }

  /** Calls a place; a new stub each time, because one that failed stays broken. Rejects with the last error. */
  async call<T>(place: number, work: (stub: Stub) => Promise<T>, isSafeTwice: boolean): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await work(this.#namespace.getByName(String(place)));
      } catch (error) {
        const { overloaded, retryable } = saysOf(error);
        // Who is overloaded must not be asked again by us: his client may, later.
        if (overloaded || !retryable || !isSafeTwice || attempt === OBJECT_ATTEMPTS_MAX) throw error;
        this.#log.warn({ place, attempt }, 'an object is asked again');
      }
    }
  }

  /** Sends a request on; answers 503 where the object can't be reached, and says whether it may have been done. */
  async forward(place: number, request: Request): Promise<Response> {
    const isSafeTwice = isRepeatable(request);
    try {
      return await this.call(place, async (stub) => whole(await stub.fetch(request.clone())), isSafeTwice);
    } catch (error) {
      const { overloaded } = saysOf(error);
      this.#log.warn({ place, overloaded, error: String(error) }, 'an object did not answer');
      if (overloaded) return refuse({ kind: 'overloaded', retryAfterSeconds: 1 });
      return request.method === 'GET'
        ? problem('overloaded', { headers: { 'retry-after': '1' } })
        : refuse({ kind: 'outcome_unknown' });
    }
  }
}
