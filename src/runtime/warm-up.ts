/**
 * Before a server listens: sells an invented drop over a socket of its own, until the hot paths are
 * compiled.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { dropPresentation } from '../answers/representation.ts';
import { openLinkedDatabase } from '../database/sqlite/open-database.ts';
import { WARM_UP_CONNECTIONS, WARM_UP_MS } from '../limits.ts';
import { systemClock } from '../split/system-clock.ts';
import { linkedDatabaseSettings } from './database-settings.ts';
import { createHttpServer, type HttpServerDeps } from './http-server.ts';
import { linkWarmUpWriter, warmUpDrop } from './warm-up-writer.ts';

const host = '127.0.0.1';
const deadlineMs = 1_000;
const nothingToGather = { otherMetrics: async () => [], processFamilies: () => [] };
/** Alternates with purchases, as in the first minute of a drop. */
const list = `GET /drops HTTP/1.1\r\nHost: ${host}\r\nAccept: application/json\r\n\r\n`;

function purchase(buyer: number): string {
  const sku = warmUpDrop.items[buyer % warmUpDrop.items.length]?.sku;
  const customer = { email: `buyer-${buyer}@example.com`, name: 'Buyer', phone: '+15550000000' };
  const body = JSON.stringify({ dropId: warmUpDrop.slug, sku, quantity: 1, customer });
  return (
    `POST /purchase HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nIdempotency-Key: ${randomUUID()}\r\n` +
    // A different address each, to stay within the limits and warm up their code too.
    `X-Forwarded-For: 10.${(buyer >> 16) & 255}.${(buyer >> 8) & 255}.${buyer & 255}\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  );
}

/** Sends one request after another until `endMs`. Rejects on an unexpected answer. */
async function keepAsking(port: number, endMs: number, nextBuyer: () => number): Promise<void> {
  const socket = connect({ host, port, noDelay: true });
  await once(socket, 'connect');
  try {
    for (let isRead = true; performance.now() < endMs; isRead = !isRead) {
      socket.write(isRead ? list : purchase(nextBuyer()));
      const [answer] = await once(socket, 'data');
      const status = String(answer).slice(9, 12);
      if (status !== (isRead ? '200' : '201')) throw new Error(`The warm-up was answered with ${status}.`);
    }
  } finally {
    socket.destroy();
  }
}

type WarmUpDeps = Omit<HttpServerDeps, 'db' | 'otherMetrics' | 'processFamilies' | 'trace'>;

async function warmUpPaths(deps: WarmUpDeps): Promise<void> {
  const config = {
    ...deps.config,
    host,
    httpThreads: 1,
    trustedProxies: [{ groups: [0x7f_00, 0], bits: 8 }],
  };
  const db = await openLinkedDatabase(
    linkedDatabaseSettings(config),
    linkWarmUpWriter(() => systemClock.now()),
    dropPresentation(deps.ids),
    systemClock,
    () => undefined,
  );
  try {
    const server = await createHttpServer({ ...deps, config, db, ...nothingToGather });
    const listener = await server.listen({ port: 0, thread: 'only' });
    try {
      const endMs = performance.now() + WARM_UP_MS;
      let buyers = 0;
      const nextBuyer = (): number => ++buyers;
      await Promise.all(
        Array.from({ length: WARM_UP_CONNECTIONS }, () => keepAsking(listener.port, endMs, nextBuyer)),
      );
    } finally {
      await listener.stop(deadlineMs);
    }
  } finally {
    await db.close(deadlineMs);
  }
}

/**
 * Warms up the server, so that a drop that opens right after a start does not wait for the
 * compiler. Uses a database, a handler and a port of its own, which share only code with the real
 * ones; writes nothing. Does nothing if WARM_UP is off. A failure is only logged, because a cold
 * server sells too.
 */
export async function warmUp(deps: WarmUpDeps): Promise<void> {
  if (!deps.config.isWarmUpOn) return;
  await warmUpPaths(deps).catch((error: unknown) =>
    deps.log.warn({ error: String(error) }, 'the warm-up failed'),
  );
}
