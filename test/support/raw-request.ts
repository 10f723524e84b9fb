/** Writes bytes to a server's socket as they are, for requests that no HTTP client would send. */
import { connect } from 'node:net';

/**
 * Resolves with everything the server sent until it closed the connection or was silent for `quietMs` after its first
 * byte; with an empty text where it sent nothing within `deadlineMs`. `hangUpAfterMs` breaks the connection off instead.
 */
export function sendRaw(
  url: string,
  bytes: string | Buffer,
  { quietMs = 100, deadlineMs = 3_000, hangUpAfterMs = 0 } = {},
): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let received = '';
    const socket = connect(Number(port), hostname, () => {
      socket.write(bytes);
      if (hangUpAfterMs > 0) setTimeout(() => socket.destroy(), hangUpAfterMs);
    });
    socket.setTimeout(deadlineMs, () => socket.destroy());
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      socket.setTimeout(quietMs);
    });
    // A reset is an end like any other here: what came before it is what counts.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => resolve(received));
  });
}

/** The status codes of the answers in a connection's bytes, in order. */
export const statusesOf = (received: string): number[] =>
  [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));
