/** HTTP on Node, through @hono/node-server. */
import type { IncomingMessage, Server } from 'node:http';
import { createServer, type Server as NetServer, type Socket } from 'node:net';
import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import { problem } from '../http/problem.ts';
import { type Listen, METHODS, NO_HOST, type PeerAddressOf, type Transport } from './listener.ts';
import { canSharePort, closed, expectFree, listenOn } from './port.ts';

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

/** Node closes the connection of a CONNECT without a word where nothing listens for it. */
const noTunnel = `HTTP/1.1 405 Method Not Allowed\r\nAllow: ${METHODS}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`;

export const peerAddressOf: PeerAddressOf = (bindings) =>
  (bindings as Partial<HttpBindings> | undefined)?.incoming?.socket.remoteAddress ?? null;

/** An embedder's @hono/node-server gives the same bindings. */
export const connectionOf: Transport['connectionOf'] = (bindings = {}) => bindings;

/** Node decodes chunks alone, in HTTP/1.0 too, and gives a body in a further coding as it came (RFC 9112, section 6.1). */
const isCodingWrong = ({ headers, httpVersionMinor }: IncomingMessage): boolean => {
  const coding = headers['transfer-encoding'];
  return coding !== undefined && (httpVersionMinor === 0 || coding.toLowerCase() !== 'chunked');
};

export const listen: Listen = async ({ host, port, thread, fetch }) => {
  // Two Host headers become one that is no host, which the adaptor refuses (RFC 9112, section 3.2).
  const serverOptions = { connectionsCheckingInterval: SLOW_CHECK_MS, joinDuplicateHeaders: true };
  const server = createAdaptorServer({
    fetch: (request, bindings) =>
      isCodingWrong(bindings.incoming as IncomingMessage)
        ? problem('malformed', { detail: 'The only Transfer-Encoding is chunked, in HTTP/1.1.' })
        : fetch(request, bindings),
    serverOptions,
    // Only HTTP/1.0 may come without a Host; Node refuses an HTTP/1.1 request that does.
    hostname: NO_HOST,
  }) as Server;
  server.on('connect', (_, socket) => socket.end(noTunnel));
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
  const bound = await listenOn(server, { host, port, reusePort, backlog: BACKLOG });
  const acceptors: NetServer[] = [];
  while (reusePort && acceptors.length < LISTENING_SOCKETS - 1) {
    // As an HTTP server makes its own sockets.
    const acceptor = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
      server.emit('connection', socket),
    );
    try {
      await listenOn(acceptor, { ...bound, reusePort, backlog: BACKLOG });
    } catch {
      // So few open files are allowed that there will be no crowd: those that listen will do.
      break;
    }
    acceptors.push(acceptor);
  }
  return {
    port: bound.port,
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
