/**
 * Accepts many connections in each turn of Node's event loop, by many sockets on one port.
 *
 * Upstream: https://github.com/libuv/libuv/pull/3696 (2022, by design): a listening socket accepts
 *   one connection per turn, however many wait. Under load a turn lasts as long as answering all
 *   open requests.
 * Without it: 200 waiting newcomers need 200 turns instead of 5 (Node 24.21, libuv 1.52); a server
 *   busy with 3,000 connections answers none of them for 20 s.
 * Test: test/unit/repository/newcomers.test.ts
 * Remove it when: one socket of the oldest supported Node accepts all that wait in a turn.
 */
import type { Server as HttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';

const LISTENING_SOCKETS = 128;

/**
 * Opens the further sockets with `listen`; their connections go to `server`. The system distributes
 * new connections to all of them.
 */
export async function openFurtherSockets(
  server: HttpServer,
  listen: (socket: Server) => Promise<unknown>,
): Promise<Server[]> {
  const further: Server[] = [];
  while (further.length < LISTENING_SOCKETS - 1) {
    // With the socket options of an HTTP server.
    const socket = createServer({ allowHalfOpen: true, noDelay: true }, (connection) =>
      server.emit('connection', connection),
    );
    try {
      await listen(socket);
    } catch {
      // The limit of open files is reached; such a server gets no crowd, so fewer sockets suffice.
      break;
    }
    further.push(socket);
  }
  return further;
}
