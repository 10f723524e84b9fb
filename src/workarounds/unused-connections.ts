/**
 * Closes a Node server's connections that have sent nothing, such as a browser's preconnection.
 *
 * Upstream: https://github.com/nodejs/node/issues/63452: `closeIdleConnections` passes over them.
 *   Fixed on Node's main branch (https://github.com/nodejs/node/pull/63470), not in 24.21.
 * Without it: a graceful stop waits for its deadline while one of them is open.
 * Test: test/security/slow-clients.test.ts
 * Remove it when: the oldest supported Node has the fix.
 */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Follows the server's connections. The returned function closes the unused ones. */
export function unusedConnections(server: Server): () => void {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return () => {
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
  };
}
