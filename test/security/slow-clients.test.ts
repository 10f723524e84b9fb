/** Slow clients, or clients on all sockets: purchases continue, and memory does not grow. */
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { expectCleanEnd, machines, useServer } from '../support/contract-server.ts';
import { mustSkip } from '../support/loud-skip.ts';
import { type ServerProcess, startServer, stoppedInTime } from '../support/server-process.ts';
import { Shop, until } from '../support/shop.ts';
import { fileWithOrders } from './many-orders.ts';

const mib = 1024 * 1024;
const idleSockets = 10_000;
/** Descriptors that the test and the server need in addition to the sockets. */
const spareDescriptors = 500;
const drippers = 300;
const DRIP_MS = 100;
/** Purchases among slow clients: enough for the server to check each client several times. */
const purchasesBeside = 20;

const descriptorsMax = (): number =>
  Number(/Max open files\s+(\d+)/.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? 1_024);

const open = new Set<Socket>();
afterEach(() => {
  for (const socket of open) socket.destroy();
  open.clear();
});

/** Connects and sends; ignores what the server does with it. */
function hold(server: ServerProcess, bytes = ''): Promise<Socket> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      socket.on('error', () => socket.destroy());
      if (bytes !== '') socket.write(bytes);
      resolve(socket);
    });
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    socket.once('error', reject);
  });
}

/** Resolves at the close, also where an error ends the socket. */
const closeOf = (socket: Socket): Promise<void> =>
  new Promise((resolve) => socket.once('close', () => resolve()));

async function holdMany(server: ServerProcess, count: number, bytes = ''): Promise<Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < count) {
    const some = Array.from({ length: Math.min(200, count - sockets.length) }, () => hold(server, bytes));
    sockets.push(...(await Promise.all(some)));
  }
  return sockets;
}

interface Dripping {
  /** Resolves once each socket has sent `count` drips. */
  turns(count: number): Promise<void>;
  stop(): void;
}

const dripEach = (sockets: readonly Socket[], text: string): Dripping => {
  let turn = 0;
  const timer = setInterval(() => {
    turn += 1;
    for (const socket of sockets) if (!socket.destroyed) socket.write(text);
  }, DRIP_MS);
  return {
    turns: async (count) =>
      void (await until(
        async () => turn,
        (made) => made >= count,
      )),
    stop: () => clearInterval(timer),
  };
};

async function residentBytes(shop: Shop): Promise<number> {
  const { text } = await shop.send({ path: '/metrics' });
  return Number(/^process_resident_memory_bytes (\S+)$/m.exec(text)?.[1]);
}

/** Buys in sequence: a purchase that waited for the slow clients would never end. */
async function expectPurchases(shop: Shop, dropId: string, count = purchasesBeside): Promise<void> {
  for (let bought = 0; bought < count; bought += 1) await shop.buy(dropId);
}

const head = (...fields: string[]): string =>
  ['POST /purchase HTTP/1.1', 'Host: localhost', 'Content-Type: application/json', ...fields].join('\r\n');
const many = { items: [{ sku: 'one', name: 'One size', price: 1250, stock: 10_000 }] };

describe.each(machines)('slow clients on %s', (runtime) => {
  const shop = useServer(runtime);

  // Bun has no deadline for headers: there, a proxy must set one (SECURITY.md).
  if (runtime === 'node') {
    describe('concurrently', () => {
      /**
       * Resolves to whether the server closes the connection within `drips`. Between two drips it
       * answers another client, so that a slow machine has as many chances to check the connection.
       */
      const isClosedWithin = async (drips: number, bytes: string, drip: string): Promise<boolean> => {
        const dripper = await hold(shop.server, bytes);
        // The cleanup of the concurrent test that ends first must not close it.
        open.delete(dripper);
        dripper.resume();
        for (let dripped = 0; dripped < drips && !dripper.closed; dripped += 1) {
          dripper.write(drip);
          await Promise.all([sleep(DRIP_MS), shop.send({ path: '/livez' })]);
        }
        const isClosed = dripper.closed;
        dripper.destroy();
        return isClosed;
      };
      let closed: Record<'headers' | 'body', Promise<boolean>>;
      beforeAll(() => {
        closed = {
          headers: isClosedWithin(130, head('X-Drip: a'), 'a'),
          body: isClosedWithin(300, `${head('Content-Length: 60000')}\r\n\r\n{`, ' '),
        };
      });

      // The deadline is 10 s, checked every second: at most 110 drips of 100 ms. Node's default
      // interval is 30 s.
      test("a client that drips its 'headers' is disconnected", async () => {
        expect(await closed.headers).toBe(true);
      });
      // The deadline is 15 s; Node's default of 300 s is too long for a test.
      test("a client that drips its 'body' is disconnected", async () => {
        expect(await closed.body).toBe(true);
      });
    });
  }

  test(`${drippers} clients that drip their headers, and as many that drip a body`, async () => {
    const drop = await shop.createDrop(many);
    const before = await residentBytes(shop);
    const headers = await holdMany(shop.server, drippers, head('X-Drip: a'));
    const bodies = await holdMany(shop.server, drippers, `${head('Content-Length: 60000')}\r\n\r\n{`);
    const drips = [dripEach(headers, 'a'), dripEach(bodies, ' ')];
    for (const drip of drips) await drip.turns(5);
    await expectPurchases(shop, drop.id);
    for (const drip of drips) drip.stop();
    expect((await residentBytes(shop)) - before).toBeLessThan(64 * mib);
  });

  test('an idle socket does not delay a stop', async () => {
    const stopBeside = async (): Promise<ServerProcess> => {
      const server = await startServer({ runtime });
      await hold(server);
      await expectCleanEnd(server);
      rmSync(dirname(server.databaseFile), { recursive: true });
      return server;
    };
    // A slow machine needs several attempts; a stop that waits for the socket never succeeds.
    await until(stopBeside, stoppedInTime);
  });

  test.each([
    { name: 'a body of 2 GB that is announced', fields: ['Content-Length: 2000000000'], begin: '', end: '' },
    {
      name: 'chunks without an end',
      fields: ['Transfer-Encoding: chunked'],
      begin: '10000\r\n',
      end: '\r\n',
    },
  ])('$name is not buffered', async ({ fields, begin, end }) => {
    const drop = await shop.createDrop(many);
    const before = await residentBytes(shop);
    const part = Buffer.from(`${begin}${'x'.repeat(0x1_00_00)}${end}`);
    let sent = 0;
    await Promise.all(
      Array.from({ length: 4 }, async () => {
        const socket = await hold(shop.server, `${head(...fields)}\r\n\r\n`);
        socket.resume();
        const closed = closeOf(socket).then(() => false);
        let isBlocked = false;
        while (!socket.destroyed && sent < 1_000 * mib && !isBlocked) {
          sent += part.length;
          if (socket.write(part)) continue;
          // A server that reads no more while it sells to others never will.
          const taken = new Promise((resolve) => socket.once('drain', resolve)).then(() => false);
          isBlocked = await Promise.race([taken, closed, expectPurchases(shop, drop.id).then(() => true)]);
        }
      }),
    );
    await expectPurchases(shop, drop.id, 5);
    expect((await residentBytes(shop)) - before, `after ${Math.round(sent / mib)} MiB`).toBeLessThan(
      96 * mib,
    );
  });

  test('no output accumulates for listeners that read nothing', async () => {
    const drop = await shop.createDrop(many);
    const listen = `GET /drops/${drop.id}/stock HTTP/1.1\r\nHost: localhost\r\n\r\n`;
    const listeners = await holdMany(shop.server, drippers, listen);
    for (const listener of listeners) listener.pause();
    const before = await residentBytes(shop);
    await expectPurchases(shop, drop.id, 150);
    expect((await residentBytes(shop)) - before).toBeLessThan(64 * mib);
  });

  test(`${idleSockets} idle sockets`, async () => {
    const count = Math.min(idleSockets, descriptorsMax() - spareDescriptors);
    if (count < idleSockets) {
      mustSkip(
        false,
        `${idleSockets - count} of ${idleSockets} idle sockets`,
        `They need ulimit -n ${idleSockets + spareDescriptors}.`,
      );
    }
    const drop = await shop.createDrop(many);
    const before = await residentBytes(shop);
    await holdMany(shop.server, count);
    await expectPurchases(shop, drop.id);
    expect((await residentBytes(shop)) - before).toBeLessThan(256 * mib);
    expect((await shop.send({ path: '/readyz' })).status).toBe(200);
  });
});

describe.each(machines)('exports without a reader on %s', (runtime) => {
  test('use no memory and block no purchase; the third one is refused', async () => {
    const { file, slug } = fileWithOrders(20_000, 900);
    const server = await startServer({ runtime, databaseFile: file });
    const shop = new Shop();
    shop.open(server);
    try {
      const before = await residentBytes(shop);
      const { id } = await shop.drop(slug);
      const ask = `GET /admin/drops/${id}/orders.csv HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${server.adminToken}\r\n\r\n`;
      for (const reader of await holdMany(server, 2, ask)) {
        await once(reader, 'readable');
        reader.pause();
      }
      await expectPurchases(shop, id);
      const third = await shop.admin({ path: `/admin/drops/${id}/orders.csv` });
      expect([third.status, JSON.parse(third.text).code]).toEqual([503, 'overloaded']);
      expect((await residentBytes(shop)) - before).toBeLessThan(160 * mib);
      for (const socket of open) socket.destroy();
      // A client that disconnects frees its slot.
      const headers = { Authorization: `Bearer ${server.adminToken}` };
      await expect
        .poll(async () => {
          const answer = await fetch(`${server.url}/admin/drops/${id}/orders.csv`, { headers });
          await answer.body?.cancel();
          return answer.status;
        })
        .toBe(200);
    } finally {
      await expectCleanEnd(server);
      rmSync(dirname(file), { recursive: true });
    }
  });
});
