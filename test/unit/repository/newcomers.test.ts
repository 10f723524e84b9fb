/** Many simultaneous connections: a busy server on Node accepts many per event-loop turn. */
import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { listen } from '../../../src/runtime/node.ts';
import { canSharePort } from '../../../src/runtime/port.ts';
import { mustSkip } from '../../support/loud-skip.ts';
import { patienceMs } from '../../support/patience.ts';

const NEWCOMERS = 100;

const isSkipped = mustSkip(
  canSharePort(process),
  'the tests of a port that several sockets share',
  'They need Linux, where several can.',
);

/** Opens `count` connections, sends a request on each, and signals when all are open. */
const crowd = `
const { connect } = require('node:net');
const { parentPort, workerData: { port, count, connected } } = require('node:worker_threads');
let open = 0;
for (let index = 0; index < count; index += 1) {
  const socket = connect(port, '127.0.0.1', () => {
    socket.write('GET / HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n');
    if (++open < count) return;
    Atomics.store(new Int32Array(connected), 0, 1);
    Atomics.notify(new Int32Array(connected), 0);
  });
  socket.resume();
}`;

test.skipIf(isSkipped)('new connections wait for few event-loop turns', async () => {
  let asked = 0;
  const listener = await listen({
    host: '127.0.0.1',
    port: 0,
    thread: 'only',
    fetch: () => {
      asked += 1;
      return new Response('ok');
    },
  });
  const connected = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const worker = new Worker(crowd, {
    eval: true,
    workerData: { port: listener.port, count: NEWCOMERS, connected },
  });
  await once(worker, 'online');
  // Meanwhile the server accepts none: all of them wait at the port.
  expect(Atomics.wait(new Int32Array(connected), 0, 0, patienceMs)).not.toBe('timed-out');
  let turns = 0;
  const deadlineMs = performance.now() + patienceMs;
  while (asked < NEWCOMERS && performance.now() < deadlineMs) {
    const before = asked;
    await nextTurn();
    turns += Number(asked > before);
  }
  expect(asked).toBe(NEWCOMERS);
  // One socket would need a turn for each.
  expect(turns).toBeLessThan(NEWCOMERS / 2);
  await worker.terminate();
  await listener.stop(1_000);
});

test.skipIf(isSkipped)(
  'a port that another program uses is refused, also where it could be shared',
  async () => {
    const settings = { host: '127.0.0.1', fetch: () => new Response('ok') };
    const first = await listen({ ...settings, port: 0, thread: 'only' });
    await expect(listen({ ...settings, port: first.port, thread: 'only' })).rejects.toThrow(/EADDRINUSE/);
    await first.stop(1_000);
  },
);
