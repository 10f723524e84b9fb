/**
 * Thousands of distinct addresses, e-mails, idempotency keys and tokens do not grow the process's
 * memory. FLOOD_REQUESTS sets their number.
 */
import { Agent, request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { machines, useServer } from '../support/contract-server.ts';
import { keyOf } from '../support/key-of.ts';
import { testTimeoutMs } from '../support/patience.ts';
import { unique } from '../support/shop.ts';

const requests = Number(process.env.FLOOD_REQUESTS ?? 12_000);
const connections = 32;
const warmUpRequests = 3_000;
/** The memory is measured after each part. */
const parts = 10;
const MiB = 1024 * 1024;
/** The limiters keep 100,000 keys of three kinds, at 159 bytes at most; the rest is temporary. */
const growthMaxBytes = 32 * MiB + Math.min(requests, 100_000) * 3 * 159;
/**
 * In this small heap V8 collects before it grows. With 4 GB it leaves 150 MB for a while, which
 * would look like a leak or hide one. A full heap ends the server.
 */
const smallHeap = '--max-old-space-size=128';

/** A flood of POST /purchase, each from another address, customer and key. */
function flood(url: string, dropId: string, count: number, from: number): Promise<Map<number, number>> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const statuses = new Map<number, number>();
  let next = from;
  const word = unique();
  const one = (index: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const headers = {
        'content-type': 'application/json',
        'idempotency-key': keyOf(`${word}-${index}`),
        'x-forwarded-for': `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`,
      };
      const asked = request(`${url}/purchase`, { method: 'POST', agent, headers }, (answer) => {
        const status = answer.statusCode ?? 0;
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        answer.resume().on('end', resolve);
      });
      asked.on('error', reject);
      asked.end(JSON.stringify({ dropId, quantity: 1, customer: { email: `${word}-${index}@example.com` } }));
    });
  const work = async (): Promise<void> => {
    while (next < from + count) {
      const index = next;
      next += 1;
      await one(index);
    }
  };
  return Promise.all(Array.from({ length: connections }, work)).then(() => {
    agent.destroy();
    return statuses;
  });
}

describe.each(machines)('memory on %s', (runtime) => {
  const shop = useServer(runtime, {
    RATE_LIMIT: 'on',
    TRUSTED_PROXIES: '127.0.0.0/8',
    NODE_OPTIONS: smallHeap,
  });
  const residentBytes = async (): Promise<number> => {
    const { text } = await shop.send({ path: '/metrics' });
    return Number(/^process_resident_memory_bytes (\S+)$/m.exec(text)?.[1]);
  };

  test(
    `${requests} refused purchases, each of another address, customer and key`,
    async () => {
      const drop = await shop.createDrop({ items: [{ sku: 'one', name: 'One', price: 1, stock: 1 }] });
      await shop.buy(drop.id);
      const { url } = shop.server;
      await flood(url, drop.id, warmUpRequests, 0);
      const before = await residentBytes();
      const sizes: number[] = [];
      for (let part = 0; part < parts; part += 1) {
        const statuses = await flood(
          url,
          drop.id,
          requests / parts,
          warmUpRequests + (part * requests) / parts,
        );
        expect([...statuses]).toEqual([[409, requests / parts]]);
        sizes.push(await residentBytes());
      }
      // Garbage comes and goes; the minimum after collections is what is kept.
      const grown = Math.min(...sizes.slice(parts / 2)) - before;
      expect(grown, `${Math.round(grown / 1024)} KiB more`).toBeLessThan(growthMaxBytes);
      if (process.env.FLOOD_REQUESTS) {
        const inMiB = [before, ...sizes].map((bytes) => Math.round(bytes / MiB));
        process.stderr.write(`${runtime}: ${requests} keys, MiB by parts: ${inMiB.join(' ')}\n`);
      }
    },
    testTimeoutMs + 50 * requests,
  );
});
