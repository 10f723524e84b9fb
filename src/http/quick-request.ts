/** Requests of the hot paths, which are answered without Hono. */
import type { Caller } from './caller.ts';

export interface QuickRequest extends Caller {
  method: string;
  /** With the query. */
  path: string;
  /** The whole body, whose length the client has declared; null if it was truncated. */
  bytes(): Promise<Uint8Array | null>;
}

/** Answers a request or leaves it, unread, to the application by null. */
export type AnswerQuickly = (request: QuickRequest) => Response | Promise<Response> | null;

/** A request of a fetch handler. Its URL is absolute. */
export const quickRequestOf = (request: Request, env: unknown): QuickRequest => {
  const { url, method, headers } = request;
  return {
    env,
    method,
    path: url.slice(url.indexOf('/', 'http://h'.length)),
    req: { header: (name) => headers.get(name) ?? undefined },
    async bytes() {
      try {
        return new Uint8Array(await request.arrayBuffer());
      } catch {
        return null;
      }
    },
  };
};
