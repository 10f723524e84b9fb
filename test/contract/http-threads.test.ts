/** Several HTTP threads on one port: on any connection a buyer reads every acknowledged write. */
import { Agent, request } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ADDRESS_REQUESTS_MAX } from '../../src/domain/client-limits.ts';
import { machines } from '../support/contract-server.ts';
import { startExpectingFailure, startServer } from '../support/server-process.ts';
import { customer, Shop, until } from '../support/shop.ts';
import { spendQuota } from '../support/spent-quota.ts';

const threads = 3;
/** The system distributes connections by their ports: this many reach every thread. */
const readers = 16;
const buyers = 4;
const acknowledgedMin = 400;
const stock = 1_000_000;

interface Answered {
  status: number;
  text: string;
}

/** A connection of its own, which carries one request after the other. */
function connect(url: string): (path: string, body?: unknown) => Promise<Answered> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  return (path, body) =>
    new Promise((resolve, reject) => {
      const method = body === undefined ? 'GET' : 'POST';
      const headers = { 'content-type': 'application/json' };
      const asked = request(`${url}${path}`, { agent, method, headers }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
      });
      asked.on('error', reject);
      asked.end(body === undefined ? undefined : JSON.stringify(body));
    });
}

describe.each(machines)('three HTTP threads on %s', (runtime) => {
  it('show every order acknowledged before the request, sell nothing twice and stop gracefully', async () => {
    const server = await startServer({ runtime, env: { HTTP_THREADS: String(threads) } });
    onTestFinished(() => server.kill());
    const shop = new Shop();
    shop.open(server);
    const drop = await shop.createDrop({ items: [{ sku: 'one', name: 'One', price: 100, stock }] });

    let acknowledged = 0;
    let isOver = false;
    const stale: string[] = [];
    const read = async (): Promise<number> => {
      const get = connect(server.url);
      let reads = 0;
      for (; !isOver; reads++) {
        const known = acknowledged;
        const { status, text } = await get(`/drops/${drop.slug}`);
        const held = /"held":(\d+)/.exec(text)?.[1];
        if (status !== 200 || Number(held) < known) stale.push(`${status}: ${held} held, ${known} known`);
      }
      return reads;
    };
    const buy = async (): Promise<void> => {
      const post = connect(server.url);
      while (!isOver) {
        const { status, text } = await post('/purchase', {
          dropId: drop.id,
          quantity: 1,
          customer: customer(),
        });
        expect(status, text).toBe(201);
        acknowledged += 1;
      }
    };
    const all = Promise.all([
      ...Array.from({ length: readers }, read),
      ...Array.from({ length: buyers }, buy),
    ]);
    await until(
      async () => acknowledged,
      (count) => count >= acknowledgedMin,
    );
    isOver = true;
    await all;

    expect(stale).toEqual([]);
    const [item] = (await shop.drop(drop.slug)).items;
    expect(item?.held).toBe(acknowledged);
    expect(await server.stop()).toEqual({ code: 0, signal: null });
  });

  it('don’t oversell at the end of the stock', async () => {
    const server = await startServer({ runtime, env: { HTTP_THREADS: String(threads) } });
    onTestFinished(() => server.kill());
    const shop = new Shop();
    shop.open(server);
    const drop = await shop.createDrop({ items: [{ sku: 'one', name: 'One', price: 100, stock: 50 }] });
    const connections = Array.from({ length: 24 }, () => connect(server.url));
    const statuses = await Promise.all(
      Array.from({ length: 240 }, (_, index) =>
        connections[index % connections.length]?.('/purchase', {
          dropId: drop.id,
          quantity: 1,
          customer: customer(),
        }),
      ),
    );
    expect(statuses.filter((answer) => answer?.status === 201)).toHaveLength(50);
    expect(statuses.filter((answer) => answer?.status === 409)).toHaveLength(190);
  });

  it('count the requests of one address together', async () => {
    const env = { HTTP_THREADS: String(threads), RATE_LIMIT: 'on' };
    const server = await startServer({ runtime, env });
    onTestFinished(() => server.kill());
    const connections = Array.from({ length: 24 }, () => connect(server.url));
    await spendQuota(ADDRESS_REQUESTS_MAX, async (index) => {
      const answer = await connections[index % connections.length]?.('/orders/unknown');
      return { status: answer?.status ?? 0 };
    });
  });

  it.each(machines)('are refused a port that another server uses, on %s', async (other) => {
    const first = await startServer({ runtime, env: { HTTP_THREADS: String(threads) } });
    onTestFinished(() => first.kill());
    const { port } = new URL(first.url);
    const { code, output } = await startExpectingFailure({
      runtime: other,
      env: { HTTP_THREADS: String(threads), PORT: port },
    });
    expect([code, output]).toEqual([
      1,
      expect.stringContaining(`The server can't listen on PORT ${port} of 127.0.0.1`),
    ]);
  });
});
