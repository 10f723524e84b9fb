/**
 * The floor: our HTTP library with our settings, and a handler that reads the JSON body and sends
 * prepared bytes. `floor-server.ts FILE` takes its answers from a file.
 */
import { readFileSync } from 'node:fs';
import type { Listen } from '../../src/runtime/listener.ts';
import type { Answer, Answers } from './answers.ts';

const answers = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Answers;
const isBun = process.versions.bun !== undefined;
const { listen }: { listen: Listen } = isBun
  ? await import('../../src/runtime/bun.ts')
  : await import('../../src/runtime/node.ts');

const send = ({ body, ...init }: Answer): Response => new Response(body, init);

async function answerPost(request: Request): Promise<Response> {
  JSON.parse(await request.text());
  return send(answers.post);
}

const host = '127.0.0.1';
const { port } = await listen({
  host,
  port: 0,
  thread: 'only',
  fetch: (request) =>
    request.method === 'POST'
      ? answerPost(request)
      : send(request.url.endsWith('/drops') ? answers.list : answers.drop),
});
process.stdout.write(`http://${host}:${port}\n`);
