/** What the HTTP server of a runtime must provide; implemented by node.ts and bun.ts. */
import type { AnswerQuickly } from '../http/quick-request.ts';

/**
 * The host of a request without one, as load balancers send it in HTTP/1.0; no answer repeats it.
 */
export const NO_HOST = 'localhost';

/** The allowed methods for a request without a path, such as CONNECT. */
export const METHODS = 'GET, HEAD, POST, PATCH, OPTIONS';

export interface SocketAddress {
  /** 0 picks a free port. */
  port: number;
  /**
   * This thread among those of the process on this port; the system distributes connections to
   * them.
   */
  thread: 'only' | 'first' | 'further';
}

export interface ListenOptions extends SocketAddress {
  host: string;
  /** `connection` belongs to the runtime; only its `peerAddressOf` can read it. */
  fetch: (request: Request, connection?: object) => Response | Promise<Response>;
  /** Answers some of the requests that `fetch` would answer, where no Request is made yet. */
  quick?: AnswerQuickly;
}

/** Returns the remote address of a connection, or null. Called only where it is needed. */
export type PeerAddressOf = (connection: unknown) => string | null;

export interface Listener {
  /** The bound port, also if port 0 was requested. */
  port: number;
  /**
   * Stops accepting; resolves once every request is answered, or closes the rest after
   * `deadlineMs`.
   */
  stop(deadlineMs: number): Promise<void>;
}

export interface Transport {
  listen(options: ListenOptions): Promise<Listener>;
  peerAddressOf: PeerAddressOf;
  /** Returns what `peerAddressOf` reads, from what an embedder's server passes with a request. */
  connectionOf(given: object | undefined, request: Request): object;
}
export type Listen = Transport['listen'];
