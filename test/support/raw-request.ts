/** Writes bytes to a server's socket as they are, for requests that no HTTP client would send. */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { send } from './client.ts';

const roundMs = 100;
const answersPerRound = 5;
/** How many rounds a server may be silent before its first byte. */
const roundsBeforeAnswer = 10;

/** Lets the server answer others: by then it has met every byte that came before, however slow the machine is. */
export async function othersAnswered(url: string): Promise<void> {
  for (let count = 0; count < answersPerRound; count += 1) await send(url, { path: '/livez' });
}

/**
 * Resolves with everything the server sent until it closed the connection, or was silent while it answered others; with
 * an empty text where it sent nothing. `hangsUp` breaks the connection off instead, once the server has had its turn.
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
  // A reset is an end like any other here: what came before it is what counts.
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

/** The status codes of the answers in a connection's bytes, in order. */
export const statusesOf = (received: string): number[] =>
  [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));
