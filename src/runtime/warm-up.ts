/**
 * While a server that has just started is idle: sells an invented drop over a socket of its own,
 * until the hot paths are compiled.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { dropPresentation } from '../answers/representation.ts';
import { openLinkedDatabase } from '../database/sqlite/open-database.ts';
import { WARM_UP_AFTER_MS, WARM_UP_CONNECTIONS, WARM_UP_MS, WARM_UP_UNTIL_REQUESTS } from '../limits.ts';
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

/** Sends one request after another. Rejects on an unexpected answer. */
async function keepAsking(port: number, isOver: () => boolean, nextBuyer: () => number): Promise<void> {
  const socket = connect({ host, port, noDelay: true });
  await once(socket, 'connect');
  try {
    for (let isRead = true; !isOver(); isRead = !isRead) {
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

async function warmUpPaths(deps: WarmUpDeps, isOver: () => boolean): Promise<void> {
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
    const isStopping = () => false;
    const server = await createHttpServer({ ...deps, config, db, isStopping, ...nothingToGather });
    const listener = await server.listen({ port: 0, thread: 'only' });
    try {
      let buyers = 0;
      const nextBuyer = (): number => ++buyers;
      await Promise.all(
        Array.from({ length: WARM_UP_CONNECTIONS }, () => keepAsking(listener.port, isOver, nextBuyer)),
      );
    } finally {
      await listener.stop(deadlineMs);
    }
  } finally {
    await db.close(deadlineMs);
  }
}

/**
 * Warms up a server shortly after its start, so that a drop that opens later does not wait for the
 * compiler. Uses a database, a handler and a port of its own, which share only code with the real
 * ones; writes nothing. Ends early once the server has had real `requests` that compile the same
 * code, or stops. Does nothing if WARM_UP is off. A failure is only logged, because a cold server
 * sells too.
 *
 * @returns Resolves once it has ended.
 */
export async function warmUp(deps: WarmUpDeps, requests: () => number): Promise<void> {
  if (!deps.config.isWarmUpOn) return;
  await sleep(WARM_UP_AFTER_MS, undefined, { ref: false });
  const fromMs = performance.now();
  const isOver = (): boolean =>
    deps.isStopping() || performance.now() - fromMs >= WARM_UP_MS || requests() >= WARM_UP_UNTIL_REQUESTS;
  await warmUpPaths(deps, isOver).then(
    () => deps.log.info({ tookMs: Math.round(performance.now() - fromMs) }, 'warmed up'),
    (error: unknown) => deps.log.warn({ error: String(error) }, 'the warm-up failed'),
  );
}
