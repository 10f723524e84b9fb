/** Serves an application as a contender's process: on loopback, until SIGTERM. */
import type { Listen } from '../../src/runtime/listener.ts';

const isBun = process.versions.bun !== undefined;
const { listen }: { listen: Listen } = isBun
  ? await import('../../src/runtime/bun.ts')
  : await import('../../src/runtime/node.ts');

const stopDeadlineMs = 10_000;

/** Listens as Stampede does on this runtime, and logs the address for the parent process. */
export async function serve(
  fetch: (request: Request) => Response | Promise<Response>,
  close?: () => unknown,
) {
  const host = '127.0.0.1';
  const listener = await listen({ host, port: 0, thread: 'only', fetch: (request) => fetch(request) });
  process.once('SIGTERM', async () => {
    await listener.stop(stopDeadlineMs);
    await close?.();
  });
  process.stdout.write(`${JSON.stringify({ msg: 'listening', url: `http://${host}:${listener.port}` })}\n`);
}
