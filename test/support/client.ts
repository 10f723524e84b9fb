/**
 * Sends one HTTP request to a server under test and checks what every answer must fulfil, whatever
 * the route.
 */
import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { expect } from 'vitest';
import { expectDocumented } from './documented.ts';
import { patienceMs } from './patience.ts';
import { expectProblemShape } from './shapes.ts';

/** One request. At most one of `json`, `form` and `body` is given. */
export interface Call {
  method?: string;
  path: string;
  /** The token of `Authorization: Bearer <token>`. */
  token?: string;
  headers?: Record<string, string>;
  /** A value sent as application/json. */
  json?: unknown;
  /** Fields sent as application/x-www-form-urlencoded. */
  form?: Record<string, string>;
  /** Sent unchanged, as application/json unless `headers` set a type; '' sends an empty body. */
  body?: string | Uint8Array;
  /** Omits Content-Length and sends the body in chunks. */
  chunked?: boolean;
  /** Omits Content-Type. */
  untyped?: boolean;
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/**
 * A word in every e-mail, name and address that the suite sends: it must not appear in a problem or
 * a log.
 */
export const canary = 'canary';
/** The prefix of every phone number that the suite sends. */
export const phoneCanary = '+19995550';
const personal = new RegExp(`${canary}|${phoneCanary.slice(1)}`, 'i');

/** Fails the test where a text shown to others contains a customer's data. */
export function expectNothingPersonal(shown: string, what?: string): void {
  expect(personal.exec(shown)?.[0], what).toBeUndefined();
}

const oneConnectionPerRequest = new Agent({ keepAlive: false });

/** The body as JSON of the type that the caller expects; the caller checks the shape. */
export function readJson<T>(answer: Answer): T {
  return JSON.parse(answer.text) as T;
}

function bytesOf(call: Call): string | Uint8Array | undefined {
  if (call.json !== undefined) return JSON.stringify(call.json);
  if (call.form !== undefined) return new URLSearchParams(call.form).toString();
  return call.body;
}

function headersOf(call: Call, body: string | Uint8Array | undefined): Record<string, string> {
  const headers: Record<string, string> = {};
  if (call.form !== undefined) headers['content-type'] = 'application/x-www-form-urlencoded';
  else if (body !== undefined && !call.untyped) headers['content-type'] = 'application/json';
  if (call.token !== undefined) headers.authorization = `Bearer ${call.token}`;
  if (body !== undefined && !call.chunked) headers['content-length'] = String(Buffer.byteLength(body));
  for (const [name, value] of Object.entries(call.headers ?? {})) headers[name.toLowerCase()] = value;
  return headers;
}

/**
 * Sends the call on a connection of its own, without following redirects. Fails the test on a 500,
 * on a malformed problem and on a problem that contains personal data.
 */
export async function send(url: string, call: Call): Promise<Answer> {
  const answer = await exchange(url, call);
  if (answer.status === 500)
    expect.fail(`${call.method ?? 'GET'} ${call.path} answered 500: ${answer.text.slice(0, 500)}`);
  if (answer.status >= 400) expectProblemShape(answer);
  expectDocumented(call.method ?? 'GET', call.path, {
    status: answer.status,
    contentType: answer.headers['content-type'] ?? '',
    text: answer.text,
  });
  if (answer.status >= 400) expectNothingPersonal(answer.text);
  return answer;
}

/** Does the same as `send`, without checks. */
export function exchange(url: string, call: Call): Promise<Answer> {
  const body = bytesOf(call);
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(new URL(url).origin, {
      // The path as written: URL parsing would normalize what some scenarios test.
      path: call.path,
      method: call.method ?? 'GET',
      headers: headersOf(call, body),
      agent: oneConnectionPerRequest,
      timeout: patienceMs,
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error(`No answer to ${call.path} in time.`)));
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          text: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    if (body !== undefined && call.chunked) outgoing.write(body);
    outgoing.end(call.chunked ? undefined : body);
  });
}
