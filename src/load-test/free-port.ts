/** Finds a free loopback port that stays free while its server is down. */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

// Below the ephemeral ports: thousands of buyers connect to a dead port while the server restarts,
// and the system could assign that very port to one of their sockets.
const lowest = 20_000;
const highest = 30_000;
const triesMax = 100;

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
      .once('error', () => resolve(false))
      .listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

/** Throws if all ports that it tried are taken. */
export async function findFreePort(): Promise<number> {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const port = randomInt(lowest, highest);
    if (await isFree(port)) return port;
  }
  throw new Error(`No port from ${lowest} to ${highest} is free.`);
}
