/** Writes raw bytes to a server's socket, for requests that no HTTP client would send. */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { send } from './client.ts';

const roundMs = 100;
const answersPerRound = 5;
/** The rounds that a server may be silent before its first byte. */
const roundsBeforeAnswer = 10;

/**
 * Waits until the server has answered other requests: by then it has read every earlier byte,
 * however slow the machine is.
 */
export async function othersAnswered(url: string): Promise<void> {
  for (let count = 0; count < answersPerRound; count += 1) await send(url, { path: '/livez' });
}

/**
 * Resolves to everything that the server sent until it closed the connection, or was silent while
 * it answered others; '' where it sent nothing. `hangsUp` closes the connection after the server's
 * turn instead.
 */
export async function sendRaw(
  url: string,
  bytes: string | Buffer,
  { hangsUp = false } = {},
): Promise<string> {
  const { hostname, port } = new URL(url);
  let received = '';
  const socket = connect(Number(port), hostname, () => void socket.write(bytes));
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
  });
  // A reset is an end like any other here: only the bytes before it count.
  socket.on('error', () => socket.destroy());
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  let silentRounds = 0;
  while (!socket.closed && silentRounds < (received === '' && !hangsUp ? roundsBeforeAnswer : 1)) {
    const before = received.length;
    await Promise.race([closed, Promise.all([sleep(roundMs), othersAnswered(url)])]);
    silentRounds = received.length === before ? silentRounds + 1 : 0;
  }
  socket.destroy();
  await closed;
  return received;
}

/** The status codes of the answers on a connection, in order. */
export const statusesOf = (received: string): number[] =>
  [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));
