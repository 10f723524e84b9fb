/** What a runtime's HTTP server must be able to do; node.ts and bun.ts are the two. */

/** The host of a request that names none, as load balancers send it in HTTP/1.0; no answer repeats it. */
export const NO_HOST = 'localhost';

/** What the server allows where a request names no path, as CONNECT does not. */
export const METHODS = 'GET, HEAD, POST, PATCH, OPTIONS';

export interface SocketAddress {
  /** 0 takes any free one. */
  port: number;
  /** Of the threads of this process that listen there: the system deals the connections out among them. */
  thread: 'only' | 'first' | 'further';
}

export interface ListenOptions extends SocketAddress {
  host: string;
  /** `connection` is the runtime's own: only its `peerAddress` can read it. */
  fetch: (request: Request, connection?: object) => Response | Promise<Response>;
}

/** The address at the other end of a connection; null where there is none. Asked for only where it is needed. */
export type PeerAddressOf = (connection: unknown) => string | null;

export interface Listener {
  /** The port that was taken, also where port 0 was asked for. */
  port: number;
  /** Accepts nothing more and resolves once every request has its answer, or cuts what is left after `deadlineMs`. */
  stop(deadlineMs: number): Promise<void>;
}

export interface Transport {
  listen(options: ListenOptions): Promise<Listener>;
  peerAddressOf: PeerAddressOf;
  /** What `peerAddressOf` reads, of what an embedder's server gives with a request. */
  connectionOf(given: object | undefined, request: Request): object;
}
export type Listen = Transport['listen'];
