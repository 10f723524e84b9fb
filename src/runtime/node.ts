/** HTTP on Node, through @hono/node-server. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import { createServer, type ListenOptions, type Server as NetServer, type Socket } from 'node:net';
import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import { canSharePort, type Listen, type PeerAddressOf } from './listener.ts';

// Behind a proxy that keeps connections for a minute, ours must live longer, or the proxy meets a closed one.
const KEEP_ALIVE_MS = 65_000;
// A request's headers and body are small: whoever needs longer is not a buyer.
const HEADERS_MS = 10_000;
const REQUEST_MS = 15_000;
// Node looks for those who need longer only every 30 s by itself.
const SLOW_CHECK_MS = 1_000;
const IDLE_CHECK_MS = 20;
// What the system lets wait before it is accepted; it takes less where net.core.somaxconn says so.
const BACKLOG = 4096;
/**
 * A listening socket of libuv accepts one connection in each turn of the event loop, however many wait, and under load a turn takes
 * as long as answering everybody who asks: new buyers would wait for minutes (https://github.com/libuv/libuv/pull/3696). So this
 * many sockets listen on the port, and the system deals new connections out among them.
 */
const LISTENING_SOCKETS = 128;

export const peerAddressOf: PeerAddressOf = (bindings) =>
  (bindings as Partial<HttpBindings> | undefined)?.incoming?.socket.remoteAddress ?? null;

async function listenOn(server: NetServer, options: ListenOptions): Promise<number> {
  server.listen({ ...options, backlog: BACKLOG });
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : (options.port ?? 0);
}

const closed = (server: NetServer): Promise<void> => new Promise((resolve) => server.close(() => resolve()));

/** Rejects where any other program has the port: sockets that may share one would share it with that program too. */
async function expectFree(options: ListenOptions): Promise<void> {
  const probe = createServer();
  await listenOn(probe, options);
  await closed(probe);
}

export const listen: Listen = async ({ host, port, thread, fetch }) => {
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
  const reusePort = canSharePort(process);
  if (reusePort && thread !== 'further' && port !== 0) await expectFree({ host, port });
  const taken = await listenOn(server, { host, port, reusePort });
  // As an HTTP server makes its own sockets.
  const acceptors = Array.from({ length: reusePort ? LISTENING_SOCKETS - 1 : 0 }, () =>
    createServer({ allowHalfOpen: true, noDelay: true }, (socket) => server.emit('connection', socket)),
  );
  for (const acceptor of acceptors) await listenOn(acceptor, { host, port: taken, reusePort });
  return {
    port: taken,
    async stop(deadlineMs) {
      const idle = setInterval(() => {
        server.closeIdleConnections();
        // To Node these are busy; a browser opens such a connection in case it is needed.
        for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
      }, IDLE_CHECK_MS);
      const deadline = setTimeout(() => server.closeAllConnections(), deadlineMs);
      await Promise.all([server, ...acceptors].map(closed));
      clearInterval(idle);
      clearTimeout(deadline);
    },
  };
};
