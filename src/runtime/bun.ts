/** HTTP on Bun, through Bun.serve. */
import type { Listen, PeerAddressOf } from './listener.ts';
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

export const listen: Listen = async ({ host, port, thread, fetch }) => {
  if (thread === 'first' && port !== 0) await expectFree({ host, port });
  const server = Bun.serve({
    hostname: host,
    port,
    reusePort: thread !== 'only',
    fetch: (request, server) => fetch(request, { server, request } satisfies Connection),
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
