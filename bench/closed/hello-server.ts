/** The reference of the closed loop: a bare Hono app behind the same HTTP server as ours. */
import { Hono } from 'hono';
import type { Listen } from '../../src/runtime/listener.ts';

const app = new Hono().get('/', (c) => c.text('Hello'));
const isBun = process.versions.bun !== undefined;
const { listen }: { listen: Listen } = isBun
  ? await import('../../src/runtime/bun.ts')
  : await import('../../src/runtime/node.ts');
const host = '127.0.0.1';
const { port } = await listen({ host, port: 0, thread: 'only', fetch: (request) => app.fetch(request) });
process.stdout.write(`${JSON.stringify({ msg: 'listening', url: `http://${host}:${port}` })}\n`);
