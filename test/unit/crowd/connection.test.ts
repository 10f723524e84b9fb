/** The load generator's connections against a small server of the test. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { ConnectionPool } from '../../../src/crowd/connection-pool.ts';
import { HttpConnection } from '../../../src/crowd/http-connection.ts';
import type { HttpResponse } from '../../../src/crowd/http-response.ts';

const ok = (body: string, header = ''): string =>
  `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}${header}\r\n\r\n${body}`;

let server: Server | undefined;
const sockets: Socket[] = [];

/** Answers each request with `answer`; `sockets` are the accepted connections. */
async function listen(answer: (socket: Socket) => void): Promise<() => HttpConnection> {
  server = createServer((socket) => {
    sockets.push(socket);
    socket.on('data', () => answer(socket)).on('error', () => undefined);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return () => new HttpConnection('127.0.0.1', port);
}

const send = (connection: HttpConnection): Promise<HttpResponse | Error> =>
  new Promise((resolve) => connection.send('GET / HTTP/1.1\r\n\r\n', resolve));

afterEach(() => {
  server?.close();
  for (const socket of sockets.splice(0)) socket.destroy();
});

describe('HttpConnection', () => {
  test('carries one request after another over the same socket', async () => {
    const create = await listen((socket) => socket.write(ok('hello')));
    const connection = create();
    await connection.open();
    for (let round = 0; round < 3; round++) expect(await send(connection)).toMatchObject({ body: 'hello' });
    expect(sockets).toHaveLength(1);
    connection.close();
  });

  test('reopens after the server sent Connection: close', async () => {
    const create = await listen((socket) => socket.end(ok('bye', '\r\nConnection: close')));
    const connection = create();
    await connection.open();
    expect(await send(connection)).toMatchObject({ body: 'bye' });
    expect(await send(connection)).toMatchObject({ body: 'bye' });
    expect(sockets).toHaveLength(2);
    connection.close();
  });

  test('reports a connection cut within an answer, and discards the partial answer', async () => {
    const create = await listen((socket) => {
      if (sockets.length === 1) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf');
      else socket.write(ok('whole'));
    });
    const connection = create();
    await connection.open();
    expect(await send(connection)).toBeInstanceOf(Error);
    expect(await send(connection)).toMatchObject({ body: 'whole' });
    connection.close();
  });

  test('times out without an answer, and works again', async () => {
    let silent = true;
    const create = await listen((socket) => {
      if (!silent) socket.write(ok('late'));
    });
    const connection = create();
    await connection.open();
    const answer = send(connection);
    connection.expire(60_000);
    connection.expire(0);
    expect(await answer).toEqual(new Error('no answer within 0 ms'));
    silent = false;
    expect(await send(connection)).toMatchObject({ body: 'late' });
    connection.close();
  });

  test('refuses a second request while one is under way', async () => {
    const create = await listen(() => undefined);
    const connection = create();
    await connection.open();
    void send(connection);
    expect(() => connection.send('', () => undefined)).toThrow('busy');
    connection.close();
  });
});

describe('ConnectionPool', () => {
  test('hands out the connection that idled longest', async () => {
    const create = await listen(() => undefined);
    const pool = await ConnectionPool.open(create, { connections: 3, connectionsMax: 3 });
    const [first, second] = [pool.take(), pool.take()];
    if (first === undefined || second === undefined) throw new Error('Three are free.');
    pool.give(second);
    pool.give(first);
    const third = pool.take();
    expect([first, second]).not.toContain(third);
    expect(pool.take()).toBe(second);
    expect(pool.take()).toBe(first);
    pool.close();
  });

  test('returns null with none free, and opens one more up to its maximum', async () => {
    const create = await listen(() => undefined);
    const pool = await ConnectionPool.open(create, { connections: 1, connectionsMax: 2 });
    expect(pool.take()).toBeInstanceOf(HttpConnection);
    expect(pool.take()).toBeUndefined();
    await expect.poll(() => pool.size).toBe(2);
    expect(pool.take()).toBeInstanceOf(HttpConnection);
    expect(pool.take()).toBeUndefined();
    // The server accepts in order: it would have accepted a third one of the pool before this one.
    const last = create();
    await last.open();
    await expect.poll(() => sockets.length).toBeGreaterThan(2);
    expect([pool.size, sockets.length]).toEqual([2, 3]);
    last.close();
    pool.close();
  });
});
