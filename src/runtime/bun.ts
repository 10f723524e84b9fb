/** HTTP on Bun, through Bun.serve. */
import { problem } from '../http/problem.ts';
import {
  type Listen,
  type ListenOptions,
  METHODS,
  NO_HOST,
  type PeerAddressOf,
  type Transport,
} from './listener.ts';
import { expectFree } from './port.ts';

/** The part of Bun that is used here. */
interface BunServer {
  port: number;
  requestIP(request: Request): { address: string } | null;
  stop(closeActiveConnections?: boolean): Promise<void>;
}
declare const Bun: {
  serve(options: {
    hostname: string;
    port: number;
    reusePort: boolean;
    /** Seconds. */
    idleTimeout: number;
    maxRequestBodySize: number;
    fetch: (request: Request, server: BunServer) => Response | Promise<Response>;
  }): BunServer;
};

// Bun's limit would answer with a bare 413; ours answers with a problem before it reads
// (http/json.ts).
const BODY_BYTES_MAX = Number.MAX_SAFE_INTEGER;
const IDLE_SECONDS = 65;

/** Bun knows the address of the original request only, not of copies that the application makes. */
interface Connection {
  server: BunServer;
  request: Request;
}

export const peerAddressOf: PeerAddressOf = (connection) => {
  const { server, request } = (connection ?? {}) as Partial<Connection>;
  return (request && server?.requestIP(request)?.address) ?? null;
};

/** An embedder's `Bun.serve` passes itself with each request. */
export const connectionOf: Transport['connectionOf'] = (given = {}, request) =>
  'requestIP' in given ? { server: given, request } : given;

/**
 * Whether the request has one valid Host. Bun gives the bare target if there is none (HTTP/1.0) or
 * if it is invalid; of several Hosts it uses the first, and lists all in the header.
 */
const isWhole = ({ url, headers }: Request): boolean =>
  url.startsWith('http') && headers.get('host')?.includes(',') !== true;

function answerPartial(
  request: Request,
  connection: Connection,
  fetch: ListenOptions['fetch'],
): Response | Promise<Response> {
  const { url, headers, method } = request;
  if (method === 'CONNECT') return problem('method_not_allowed', { headers: { allow: METHODS } });
  if ((headers.get('host') ?? '') !== '')
    return problem('malformed', { detail: 'The Host header is not a host.' });
  return fetch(new Request(`http://${NO_HOST}${url}`, request), connection);
}

/**
 * Sets chunked encoding, which announces no length (RFC 9110, section 8.6): Bun announces the
 * length 0 for every HEAD, whatever the GET would have.
 */
async function answerHead(answer: Response | Promise<Response>): Promise<Response> {
  const response = await answer;
  const { headers, status } = response;
  if (!headers.has('content-length') && status !== 204 && status !== 304) {
    headers.set('transfer-encoding', 'chunked');
  }
  return response;
}

export const listen: Listen = async ({ host, port, thread, fetch }) => {
  if (thread === 'first' && port !== 0) await expectFree({ host, port });
  const server = Bun.serve({
    hostname: host,
    port,
    reusePort: thread !== 'only',
    fetch: (request, server) => {
      const connection = { server, request } satisfies Connection;
      // A request without a Host is HTTP/1.0, which has no chunks.
      if (!isWhole(request)) return answerPartial(request, connection, fetch);
      const answer = fetch(request, connection);
      return request.method === 'HEAD' ? answerHead(answer) : answer;
    },
    idleTimeout: IDLE_SECONDS,
    maxRequestBodySize: BODY_BYTES_MAX,
  });
  return {
    port: server.port,
    stop: async (deadlineMs) => {
      const deadline = setTimeout(() => void server.stop(true), deadlineMs);
      await server.stop();
      clearTimeout(deadline);
    },
  };
};
