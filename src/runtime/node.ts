/** HTTP on Node, through @hono/node-server. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import type { Listen, PeerAddressOf } from './listener.ts';

// Behind a proxy that keeps connections for a minute, ours must live longer, or the proxy meets a closed one.
const KEEP_ALIVE_MS = 65_000;
// A request's headers and body are small: whoever needs longer is not a buyer.
const HEADERS_MS = 10_000;
const REQUEST_MS = 15_000;
const IDLE_CHECK_MS = 20;

export const peerAddressOf: PeerAddressOf = (_, bindings) =>
  (bindings as Partial<HttpBindings> | undefined)?.incoming?.socket.remoteAddress ?? null;

export const listen: Listen = async ({ host, port, isShared, fetch }) => {
  const server = createAdaptorServer({ fetch }) as Server;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.headersTimeout = HEADERS_MS;
  server.requestTimeout = REQUEST_MS;
  server.listen({ host, port, backlog: 4096, reusePort: isShared });
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    stop: (deadlineMs) =>
      new Promise((resolve) => {
        const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
        const deadline = setTimeout(() => server.closeAllConnections(), deadlineMs);
        server.close(() => {
          clearInterval(idle);
          clearTimeout(deadline);
          resolve();
        });
      }),
  };
};
