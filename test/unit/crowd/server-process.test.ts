/** A server's process: its address, its failures to start, its stop and its end. */
import { expect, test } from 'vitest';
import { spawnServer } from '../../../src/crowd/server-process.ts';

const listens = `console.log(JSON.stringify({ msg: 'listening', url: 'http://127.0.0.1:1' }));`;
const waits = 'setInterval(() => undefined, 1_000);';
const ignoresStop = "process.on('SIGTERM', () => undefined);";
const patienceMs = 30_000;

const run = (script: string, outputCharactersMax?: number) =>
  spawnServer({
    program: process.execPath,
    args: ['-e', script],
    env: {},
    ...(outputCharactersMax !== undefined && { outputCharactersMax }),
  });

test('resolves with the address that the server logs, and stops it', async () => {
  const server = run(listens + waits);
  expect(await server.listening(patienceMs)).toBe('http://127.0.0.1:1');
  expect(await server.stop()).toEqual({ code: null, signal: 'SIGTERM' });
});

test('rejects with the output of a server that ends', async () => {
  const server = run("console.error('The file is locked.'); process.exitCode = 1;");
  await expect(server.listening(patienceMs)).rejects.toThrow(/did not start.*The file is locked\./s);
  expect(await server.exited).toEqual({ code: 1, signal: null });
});

test('kills a server that does not listen in time', async () => {
  const server = run(waits);
  await expect(server.listening(50)).rejects.toThrow('did not listen within 0.05 s');
  expect(await server.exited).toEqual({ code: null, signal: 'SIGKILL' });
});

test('kills a server that does not stop in time', async () => {
  const server = run(ignoresStop + listens + waits);
  await server.listening(patienceMs);
  expect(await server.stop(50)).toEqual({ code: null, signal: 'SIGKILL' });
});

test('keeps the last output only, where it is bounded', async () => {
  const server = run(`console.log('x'.repeat(1_000)); ${listens} ${waits}`, 100);
  await server.listening(patienceMs);
  expect(server.output()).toHaveLength(100);
  expect(server.output()).toContain('listening');
  await server.kill();
});
