/** HTTP on Bun, through Bun.serve. */
import { problem } from '../http/problem.ts';
import { type Listen, type ListenOptions, METHODS, NO_HOST, type PeerAddressOf } from './listener.ts';
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

// Bun's own bound would answer with a bare 413; ours answers with a problem, before it reads (http/json.ts).
const BODY_BYTES_MAX = Number.MAX_SAFE_INTEGER;
const IDLE_SECONDS = 65;

/** Bun knows the address of the very request that came, and of none that the application makes of it. */
interface Connection {
  server: BunServer;
  request: Request;
}

export const peerAddressOf: PeerAddressOf = (connection) => {
  const { server, request } = (connection ?? {}) as Partial<Connection>;
  return (request && server?.requestIP(request)?.address) ?? null;
};

/** Bun gives the bare target where a request has no Host (HTTP/1.0), or one that is none. */
const isWhole = ({ url }: Request): boolean => url.startsWith('http');

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
      return isWhole(request) ? fetch(request, connection) : answerPartial(request, connection, fetch);
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
