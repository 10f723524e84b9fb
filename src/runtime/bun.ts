/** HTTP on Bun, through Bun.serve. */
import { problem } from '../http/problem.ts';
import { withoutLength } from '../workarounds/bun-head-length.ts';
import { hasOneHost } from '../workarounds/bun-host.ts';
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

export const listen: Listen = async ({ host, port, thread, fetch }) => {
  if (thread === 'first' && port !== 0) await expectFree({ host, port });
  const server = Bun.serve({
    hostname: host,
    port,
    reusePort: thread !== 'only',
    fetch: (request, server) => {
      const connection = { server, request } satisfies Connection;
      // A request without a Host is HTTP/1.0, which has no chunks.
      if (!hasOneHost(request)) return answerPartial(request, connection, fetch);
      const answer = fetch(request, connection);
      return request.method === 'HEAD' ? withoutLength(answer) : answer;
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
