/**
 * Sends requests to a running server, with its URL and an operator token, and reports its errors.
 */
import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { clientKeyForm, clientKeyRule } from '../domain/client-key.ts';
import { databaseFile, fromEnvironment } from './options.ts';
import { say } from './output.ts';
import { misuse, Refusal, reasonOf } from './refusal.ts';

export interface ServerOptions {
  url?: string;
  tokenFile?: string;
}

/** Options of a write, which takes effect once per key. */
export interface WriteOptions extends ServerOptions {
  key?: string;
}

export const withServer = (command: Command): Command =>
  command
    .option('--url <url>', 'the server (STAMPEDE_URL, or this machine at PORT or 3000)')
    .option('--token-file <file>', 'a file with an operator token (or STAMPEDE_TOKEN, or ADMIN_TOKEN)');

function keyIn(text: string): string {
  if (!clientKeyForm.test(text)) throw new InvalidArgumentError(clientKeyRule);
  return text;
}

/** A command that writes: repeated with the same key within 24 hours, it takes effect once. */
export const withKey = (command: Command): Command =>
  command.option(
    '--key <key>',
    'Idempotency-Key of the write, a new UUID; repeated within 24 hours, the write takes effect once',
    keyIn,
  );

function originOf({ url }: ServerOptions): URL {
  const local = `http://localhost:${fromEnvironment('PORT') ?? '3000'}`;
  const given = url ?? fromEnvironment('STAMPEDE_URL') ?? local;
  if (!/^https?:\/\//.test(given) || !URL.canParse(given)) {
    throw misuse(`The server's URL must be like https://shop.example, not ${given}`);
  }
  return new URL(given);
}

const isThisMachine = ({ hostname }: URL): boolean => /^(?:localhost|127\.[\d.]+|\[::1\])$/.test(hostname);

/** The token that `npm run dev` created; only for a server on this machine, to which it belongs. */
function developmentToken(origin: URL): string | undefined {
  if (!isThisMachine(origin)) return undefined;
  try {
    return JSON.parse(readFileSync(`${databaseFile()}.secrets.json`, 'utf8')).ADMIN_TOKEN;
  } catch {
    return undefined;
  }
}

function findToken(origin: URL, { tokenFile }: ServerOptions): string {
  if (tokenFile !== undefined) {
    try {
      return readFileSync(tokenFile, 'utf8').trim();
    } catch (error) {
      throw misuse(`The token can't be read: ${reasonOf(error)}`);
    }
  }
  const token =
    fromEnvironment('STAMPEDE_TOKEN') ?? fromEnvironment('ADMIN_TOKEN') ?? developmentToken(origin);
  if (token === undefined) {
    throw misuse('No operator token. Set STAMPEDE_TOKEN, or name a file with --token-file.');
  }
  return token;
}

/** Allows only visible characters: `fetch` would quote any other header value in its error. */
function tokenFor(origin: URL, options: ServerOptions): string {
  const token = findToken(origin, options);
  if (!/^[!-~]+$/.test(token)) throw misuse('The operator token must be one word on one line.');
  return token;
}

/** Maximum length of a quoted value, so that it does not hide the message. */
const SENT_CHARACTERS_MAX = 80;

interface Problem {
  detail?: string;
  code?: string;
  errors?: { path: string; message: string }[];
}

/**
 * The resource of a path as the caller typed it, because the server's answers never repeat input.
 */
function subjectOf(path: string): string | undefined {
  const [, kind, name] =
    /^\/admin\/(drop|order|refund)s\/([^/?]+)/.exec(path) ?? /[?&](drop)Id=([^&]+)/.exec(path) ?? [];
  return name && `No ${kind} ${JSON.stringify(decodeURIComponent(name))}`;
}

/**
 * The value sent in a field, as the caller typed it; empty unless it is a short text or a number.
 */
function sentAs(path: string, body: unknown): string {
  let value = body;
  for (const key of path.split('.')) value = Object(value)[key];
  const text = typeof value === 'string' || typeof value === 'number' ? JSON.stringify(value) : '';
  return text !== '' && text.length <= SENT_CHARACTERS_MAX ? ` ${text}` : '';
}

/** CLI options by the API fields that they set. */
const optionsOf: Readonly<Record<string, string>> = {
  openOrders: '--open-order',
  despiteDispute: '--despite-dispute',
  trackingCode: '--tracking',
};
const withOptions = (text: string): string =>
  text.replaceAll(
    /(?:\bin )?\b(openOrders|despiteDispute|trackingCode)\b(?:\.\d+)?/g,
    (found, field: string) => `${found.startsWith('in ') ? 'with ' : ''}${optionsOf[field]}`,
  );

/**
 * A refusal by the server in one line: the missing resource, the detail, the code, and the fields.
 */
function refusalOf(status: number, text: string, path: string, body: unknown, retry: string): Refusal {
  let problem: Problem;
  try {
    problem = JSON.parse(text);
  } catch {
    const unexpected = `The server answered ${status}, but it is not a Stampede server. Check the URL.`;
    return new Refusal(unexpected + retry.replace(/^\. /, ' '));
  }
  const named = (problem.errors ?? []).map(({ path, message }) => `${path}${sentAs(path, body)}: ${message}`);
  // The detail may repeat the first of them.
  const { path: field, message } = problem.errors?.[0] ?? {};
  const isFirst = problem.detail === message || problem.detail === `${field}: ${message}`;
  const [detail, ...others] = isFirst ? named : [problem.detail, ...named];
  const isMissing = problem.code === 'not_found' || problem.errors?.some((error) => error.path === 'dropId');
  const subject = isMissing && subjectOf(path);
  const missing = subject && `${subject}:`;
  const said = [
    missing,
    withOptions(detail ?? ''),
    `(${problem.code ?? status})`,
    ...others.map((other) => withOptions(other ?? '')),
  ];
  return new Refusal(said.filter(Boolean).join(' ') + retry);
}

type Method = 'GET' | 'POST' | 'PATCH';

interface Answer<T> {
  value: T;
  /** An earlier request with the same key already did this write. */
  isReplay: boolean;
}

/** `key` belongs to a write; errors name it if the write may have taken effect. */
async function exchange<T>(
  options: ServerOptions,
  method: Method,
  path: string,
  body?: unknown,
  key?: string,
): Promise<Answer<T>> {
  const origin = originOf(options);
  const headers = {
    authorization: `Bearer ${tokenFor(origin, options)}`,
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(key !== undefined && { 'idempotency-key': key }),
  };
  const retry = key === undefined ? '' : `. To retry, repeat the command with --key ${key}.`;
  let response: Response;
  let text: string;
  try {
    const sent = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
    response = await fetch(new URL(path, origin), sent);
    text = await response.text();
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const reason = reasonOf(cause) || 'no server is listening';
    throw new Refusal(`${origin.origin} can't be reached: ${reason}${retry}`);
  }
  const { status } = response;
  const refusal = () => refusalOf(status, text, path, body, status >= 500 ? retry : '');
  if (!response.ok) throw refusal();
  try {
    return { value: JSON.parse(text) as T, isReplay: response.headers.has('idempotency-replayed') };
  } catch {
    throw refusal();
  }
}

/** Sends one request and returns its JSON. Throws `Refusal`. */
export const ask = async <T>(
  options: ServerOptions,
  method: Method,
  path: string,
  body?: unknown,
): Promise<T> => (await exchange<T>(options, method, path, body)).value;

/**
 * Sends a write under `key`, or a new key, and returns its JSON. Prints a message if the write was
 * done before. Throws `Refusal`, which names the key if the write may have taken effect.
 */
export async function write<T>(
  { key = crypto.randomUUID(), ...options }: WriteOptions,
  method: 'POST' | 'PATCH',
  path: string,
  body?: unknown,
): Promise<T> {
  const { value, isReplay } = await exchange<T>(options, method, path, body, key);
  if (isReplay) say('Already done with this key. Nothing was changed.');
  return value;
}

/** Escapes user input for a path. */
export const inPath = (text: string): string => encodeURIComponent(text);
