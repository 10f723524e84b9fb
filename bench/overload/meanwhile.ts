/** Measures what happens during an overload: new buyers, payments for held orders, and recovery. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from '../../src/crowd/answers.ts';
import { HttpConnection } from '../../src/crowd/http-connection.ts';
import { histogram, percentilesOf, record } from '../../src/crowd/percentiles.ts';
import { plainMix, Requests, type Target } from '../load/requests.ts';

const PAYMENT_EVERY_MS = 20;
/** Buyers who arrive during the overload. */
const NEWCOMERS = { atOnce: 200, everyMs: 1_000, openMax: 2_000 };
/** A purchase is fast below this multiple of the closed loop's median, or below this many ms. */
const NORMAL = { factor: 3, ms: 20, inARow: 5 };

const send = (connection: HttpConnection, text: string): Promise<Answer> =>
  new Promise((resolve) => connection.send(text, resolve));

/** Lets new buyers arrive meanwhile, each with a new connection, to read the list. */
export function comeMeanwhile({ host, port }: Target) {
  const latencies = histogram();
  const open = new Set<HttpConnection>();
  const counts = { unanswered: 0 };
  const come = (): void => {
    const begunMs = performance.now();
    const connection = new HttpConnection(host, port);
    open.add(connection);
    connection
      .open()
      .then(() => send(connection, `GET /drops HTTP/1.1\r\nHost: ${host}:${port}\r\n\r\n`))
      .then((answer) => {
        if (answer instanceof Error) counts.unanswered += 1;
        else record(latencies, performance.now() - begunMs);
      })
      .catch(() => {
        counts.unanswered += 1;
      })
      .finally(() => {
        connection.close();
        open.delete(connection);
      });
  };
  const timer = setInterval(() => {
    for (let index = 0; index < NEWCOMERS.atOnce && open.size < NEWCOMERS.openMax; index += 1) come();
  }, NEWCOMERS.everyMs);
  return {
    async end() {
      clearInterval(timer);
      const { unanswered } = counts;
      const waiting = open.size;
      for (const connection of open) connection.close();
      await sleep(100);
      return { unanswered, waiting, latencyMs: percentilesOf(latencies) };
    },
  };
}

/** Pays for held orders, one at a time, until `end` is called. */
export function payMeanwhile(target: Target, orderIds: readonly string[]) {
  const requests = new Requests(target, plainMix);
  const latencies = histogram();
  const counts = { paid: 0, refused: 0 };
  let isOver = false;
  const done = (async () => {
    const connection = new HttpConnection(target.host, target.port);
    await connection.open();
    for (const orderId of orderIds) {
      if (isOver) break;
      const begunMs = performance.now();
      const answer = await send(connection, requests.payment(orderId));
      record(latencies, performance.now() - begunMs);
      counts[!(answer instanceof Error) && answer.status === 200 ? 'paid' : 'refused'] += 1;
      await sleep(PAYMENT_EVERY_MS);
    }
    connection.close();
  })();
  return {
    async end() {
      isOver = true;
      await done;
      return { ...counts, latencyMs: percentilesOf(latencies) };
    },
  };
}

/** Measures the milliseconds until several purchases in a row are fast again. */
export async function timeToNormal(target: Target, usualMs: number): Promise<{ ms: number; bought: number }> {
  const requests = new Requests(target, plainMix);
  const connection = new HttpConnection(target.host, target.port);
  await connection.open();
  const begunMs = performance.now();
  let inARow = 0;
  let bought = 0;
  let firstOfRowMs = begunMs;
  while (inARow < NORMAL.inARow && performance.now() - begunMs < 60_000) {
    const sentMs = performance.now();
    const answer = await send(connection, requests.purchase().text);
    const status = answer instanceof Error ? 0 : answer.status;
    bought += Number(status === 201);
    // 409: sold out.
    const isNormal =
      (status === 201 || status === 409) &&
      performance.now() - sentMs <= Math.max(NORMAL.ms, usualMs * NORMAL.factor);
    if (inARow === 0) firstOfRowMs = performance.now();
    inARow = isNormal ? inARow + 1 : 0;
  }
  connection.close();
  return { ms: firstOfRowMs - begunMs, bought };
}
