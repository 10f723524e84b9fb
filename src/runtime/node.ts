/** HTTP on Node, through @hono/node-server. */
import { createServer, type IncomingMessage } from 'node:http';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { problem } from '../http/problem.ts';
import { openFurtherSockets } from '../workarounds/many-sockets.ts';
import { isCodingWrong } from '../workarounds/transfer-encoding.ts';
import { unusedConnections } from '../workarounds/unused-connections.ts';
import { type Listen, METHODS, NO_HOST, type PeerAddressOf, type Transport } from './listener.ts';
import { answersQuickly } from './node-quick.ts';
import { canSharePort, closed, expectFree, listenOn } from './port.ts';

// Longer than the 60 s for which proxies keep connections, so that no proxy uses a closed one.
const KEEP_ALIVE_MS = 65_000;
// A request's headers and body are small: a buyer's client needs less time.
const HEADERS_MS = 10_000;
const REQUEST_MS = 15_000;
// By itself, Node checks for slow requests only every 30 s.
const SLOW_CHECK_MS = 1_000;
const IDLE_CHECK_MS = 20;
// Connections that wait to be accepted; the system caps it at net.core.somaxconn.
const BACKLOG = 4096;

/** The answer to CONNECT; without a listener, Node closes its connection without an answer. */
const noTunnel = `HTTP/1.1 405 Method Not Allowed\r\nAllow: ${METHODS}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`;

export const peerAddressOf: PeerAddressOf = (bindings) =>
  (bindings as Partial<HttpBindings> | undefined)?.incoming?.socket.remoteAddress ?? null;

/** An embedder's @hono/node-server passes the same bindings. */
export const connectionOf: Transport['connectionOf'] = (bindings = {}) => bindings;

export const listen: Listen = async ({ host, port, thread, fetch, quick }) => {
  // Joins two Host headers into an invalid one, which the adaptor rejects (RFC 9112, section 3.2).
  const serverOptions = { connectionsCheckingInterval: SLOW_CHECK_MS, joinDuplicateHeaders: true };
  const adapted = getRequestListener(
    (request, bindings) =>
      isCodingWrong(bindings.incoming as IncomingMessage)
        ? problem('malformed', { detail: 'The only Transfer-Encoding is chunked, in HTTP/1.1.' })
        : fetch(request, bindings),
    // For HTTP/1.0 only; Node rejects an HTTP/1.1 request without a Host.
    { hostname: NO_HOST },
  );
  const server = createServer(serverOptions, (incoming, outgoing) => {
    if (!quick || !answersQuickly(quick, incoming, outgoing)) void adapted(incoming, outgoing);
  });
  server.on('connect', (_, socket) => socket.end(noTunnel));
  const closeUnused = unusedConnections(server);
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.headersTimeout = HEADERS_MS;
  server.requestTimeout = REQUEST_MS;
  const reusePort = canSharePort(process);
  if (reusePort && thread !== 'further' && port !== 0) await expectFree({ host, port });
  const bound = await listenOn(server, { host, port, reusePort, backlog: BACKLOG });
  const further = reusePort
    ? await openFurtherSockets(server, (socket) =>
        listenOn(socket, { ...bound, reusePort, backlog: BACKLOG }),
      )
    : [];
  return {
    port: bound.port,
    async stop(deadlineMs) {
      const idle = setInterval(() => {
        server.closeIdleConnections();
        closeUnused();
      }, IDLE_CHECK_MS);
      const deadline = setTimeout(() => server.closeAllConnections(), deadlineMs);
      await Promise.all([server, ...further].map(closed));
      clearInterval(idle);
      clearTimeout(deadline);
    },
  };
};
