/** Shutdown: a request in progress is answered first, and a second signal exits at once. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { expectCleanEnd, machines } from '../../support/contract-server.ts';
import { othersAnswered } from '../../support/raw-request.ts';
import {
  type RuntimeName,
  type ServerProcess,
  startServer,
  stoppedInTime,
} from '../../support/server-process.ts';
import { until } from '../../support/shop.ts';

const body = JSON.stringify({
  dropId: 'sample-sneaker',
  sku: '42',
  quantity: 1,
  customer: { email: 'last@example.com' },
});
const head = [
  'POST /purchase HTTP/1.1',
  'host: localhost',
  'content-type: application/json',
  `content-length: ${body.length}`,
  'connection: close',
  '\r\n',
].join('\r\n');

/** A purchase whose body is still being sent. */
async function startPurchase(url: string): Promise<{ socket: Socket; answer: Promise<string> }> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  await once(socket, 'connect');
  let received = '';
  socket.on('data', (chunk) => {
    received += String(chunk);
  });
  const answer = new Promise<string>((resolve) => {
    socket.on('close', () => resolve(received));
    socket.on('error', () => resolve(received));
  });
  socket.write(head + body.slice(0, 10));
  // The server has started the request.
  await othersAnswered(url);
  return { socket, answer };
}

type Stopped = ServerProcess & { answer: string };

/** Stops a server during a purchase, tries a new connection, and sends the rest of the purchase. */
async function stopDuringPurchase(runtime: RuntimeName): Promise<Stopped> {
  const server = await startServer({ runtime, args: ['--dev'] });
  const { socket, answer } = await startPurchase(server.url);
  process.kill(server.pid, 'SIGTERM');
  await expect.poll(() => server.output()).toContain('"msg":"stopping"');
  await expect.poll(() => fetch(server.url).catch(() => 'refused')).toBe('refused');
  socket.write(body.slice(10));
  const received = await answer;
  await server.exited;
  return { ...server, answer: received };
}

/** Sends a second signal while a purchase keeps the server from stopping. */
async function stopTwice(runtime: RuntimeName): Promise<ServerProcess> {
  const server = await startServer({ runtime, args: ['--dev'] });
  const { socket } = await startPurchase(server.url);
  process.kill(server.pid, 'SIGTERM');
  await expect.poll(() => server.output()).toContain('"msg":"stopping"');
  process.kill(server.pid, 'SIGTERM');
  await server.exited;
  socket.destroy();
  return server;
}

// Retries where a slow machine exceeds the server's own deadline.
describe.each(machines)('the end of a run on %s', (runtime) => {
  test('a request under way is answered, its order is kept, and nothing new is accepted', async () => {
    const server = await until(() => stopDuringPurchase(runtime), stoppedInTime);
    expect(server.answer).toContain('HTTP/1.1 201 Created');
    expect(await server.exited).toEqual({ code: 0, signal: null });
    const again = await startServer({ runtime, args: ['--dev'], databaseFile: server.databaseFile });
    expect(await (await fetch(`${again.url}/drops/sample-sneaker`)).json()).toMatchObject({
      items: [{}, { sku: '42', held: 1 }, {}],
    });
    await expectCleanEnd(again);
  });

  test('a second signal ends at once', async () => {
    const server = await until(() => stopTwice(runtime), stoppedInTime);
    expect(await server.exited).toEqual({ code: 143, signal: null });
  });
});
