/**
 * The floor: our HTTP library with our settings, and a handler that reads the JSON body and sends
 * prepared bytes. `floor-server.ts FILE` takes its answers from a file.
 */
import { readFileSync } from 'node:fs';
import { serve } from '../rounds/serve.ts';
import type { Answer, Answers } from './answers.ts';

const answers = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Answers;

const send = ({ body, ...init }: Answer): Response => new Response(body, init);

async function answerPost(request: Request): Promise<Response> {
  JSON.parse(await request.text());
  return send(answers.post);
}

await serve((request) =>
  request.method === 'POST'
    ? answerPost(request)
    : send(request.url.endsWith('/drops') ? answers.list : answers.drop),
);
