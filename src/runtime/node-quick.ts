/** The hot paths on Node's own request and response, which cost less than those of the adapter. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { plainOf } from '../http/plain-answer.ts';
import type { AnswerQuickly, QuickRequest } from '../http/quick-request.ts';

/** Hosts that are valid without a closer look; the adapter judges the others. */
const plainHost = /^[a-z0-9._-]+(?::[1-9]\d{0,4})?$/;

/** Resolves with null if the client closes the connection before the end of the body. */
const bytesOf = (incoming: IncomingMessage): Promise<Uint8Array | null> =>
  new Promise((resolve) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const [first] = chunks;
      resolve(first && chunks.length === 1 ? first : Buffer.concat(chunks));
    });
    incoming.on('error', () => resolve(null));
    incoming.on('close', () => resolve(null));
  });

function quickRequestOf(incoming: IncomingMessage): QuickRequest {
  const { headers, method = '', url = '' } = incoming;
  return {
    env: { incoming },
    method,
    path: url,
    req: { header: (name) => headers[name] as string | undefined },
    bytes: () => bytesOf(incoming),
  };
}

function send(outgoing: ServerResponse, response: Response): void {
  const plain = plainOf(response);
  if (!plain) throw new Error('A hot path was not answered with a plain response.');
  const { status, headers, body } = plain;
  outgoing.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers });
  outgoing.end(body);
}

/** Returns whether it answers the request. If not, it has read nothing of it. */
export function answersQuickly(
  quick: AnswerQuickly,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): boolean {
  const { host = '', 'transfer-encoding': coding } = incoming.headers;
  if (coding !== undefined || !plainHost.test(host)) return false;
  const answer = quick(quickRequestOf(incoming));
  if (answer === null) return false;
  if (answer instanceof Promise) void answer.then((response) => send(outgoing, response));
  else send(outgoing, answer);
  return true;
}
