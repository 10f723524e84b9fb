/** HTTP on Node, through @hono/node-server. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import type { Listen, PeerAddressOf } from './listener.ts';

// Behind a proxy that keeps connections for a minute, ours must live longer, or the proxy meets a closed one.
const KEEP_ALIVE_MS = 65_000;
// A request's headers and body are small: whoever needs longer is not a buyer.
const HEADERS_MS = 10_000;
const REQUEST_MS = 15_000;
// Node looks for those who need longer only every 30 s by itself.
const SLOW_CHECK_MS = 1_000;
const IDLE_CHECK_MS = 20;

export const peerAddressOf: PeerAddressOf = (bindings) =>
  (bindings as Partial<HttpBindings> | undefined)?.incoming?.socket.remoteAddress ?? null;

export const listen: Listen = async ({ host, port, isShared, fetch }) => {
  const serverOptions = { connectionsCheckingInterval: SLOW_CHECK_MS };
  const server = createAdaptorServer({ fetch, serverOptions }) as Server;
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
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
        const idle = setInterval(() => {
          server.closeIdleConnections();
          // To Node these are busy; a browser opens such a connection in case it is needed.
          for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
        }, IDLE_CHECK_MS);
        const deadline = setTimeout(() => server.closeAllConnections(), deadlineMs);
        server.close(() => {
          clearInterval(idle);
          clearTimeout(deadline);
          resolve();
        });
      }),
  };
};
