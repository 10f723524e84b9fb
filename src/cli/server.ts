/** The way to a running server: its address, the operator's token, and one request at a time. */
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

/** Of a write that the server does only once under its key. */
export interface WriteOptions extends ServerOptions {
  key?: string;
}

export const withServer = (command: Command): Command =>
  command
    .option('--url <url>', 'the server (STAMPEDE_URL, or this machine at PORT or 3000)')
    .option('--token-file <file>', 'a file with the operator’s token (or STAMPEDE_TOKEN, or ADMIN_TOKEN)');

function keyIn(text: string): string {
  if (!clientKeyForm.test(text)) throw new InvalidArgumentError(clientKeyRule);
  return text;
}

/** A command that writes: repeated with the same key within 24 hours, it writes once. */
export const withKey = (command: Command): Command =>
  command.option(
    '--key <key>',
    'the write’s Idempotency-Key, a new UUID: repeated with it within 24 hours, the write is done once',
    keyIn,
  );

function originOf({ url }: ServerOptions): URL {
  const local = `http://localhost:${fromEnvironment('PORT') ?? '3000'}`;
  const given = url ?? fromEnvironment('STAMPEDE_URL') ?? local;
  if (!/^https?:\/\//.test(given) || !URL.canParse(given)) {
    throw misuse(`The server's address must be like https://shop.example, not ${given}`);
  }
  return new URL(given);
}

const isThisMachine = ({ hostname }: URL): boolean => /^(?:localhost|127\.[\d.]+|\[::1\])$/.test(hostname);

/** The token that `npm run dev` has made; only for a server of this machine, for it is nobody else's. */
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
    throw misuse('No operator’s token: set STAMPEDE_TOKEN, or name a file that has one by --token-file.');
  }
  return token;
}

/** Visible characters, and no space: whatever else is in a header would be quoted in the error of `fetch`. */
function tokenFor(origin: URL, options: ServerOptions): string {
  const token = findToken(origin, options);
  if (!/^[!-~]+$/.test(token)) throw misuse('The operator’s token must be one word, on one line.');
  return token;
}

/** A longer text in a message would hide what is wrong with it. */
const SENT_CHARACTERS_MAX = 80;

interface Problem {
  detail?: string;
  code?: string;
  errors?: { path: string; message: string }[];
}

/** What a path asks for, as the caller typed it; the server repeats nothing that it was sent. */
function subjectOf(path: string): string | undefined {
  const [, kind, name] =
    /^\/admin\/(drop|order|refund)s\/([^/?]+)/.exec(path) ?? /[?&](drop)Id=([^&]+)/.exec(path) ?? [];
  return name && `No ${kind} ${JSON.stringify(decodeURIComponent(name))}`;
}

/** What was sent as the field of an error, as the caller typed it; nothing where it is no short text or number. */
function sentAs(path: string, body: unknown): string {
  let value = body;
  for (const key of path.split('.')) value = Object(value)[key];
  const text = typeof value === 'string' || typeof value === 'number' ? JSON.stringify(value) : '';
  return text !== '' && text.length <= SENT_CHARACTERS_MAX ? ` ${text}` : '';
}

/** Fields of the API by the options that set them. */
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

/** A refusal of the server in one line: what it did not find, what it says, its code, and the fields that it names. */
function refusalOf(status: number, text: string, path: string, body: unknown, retry: string): Refusal {
  let told: Problem;
  try {
    told = JSON.parse(text);
  } catch {
    const strange = `The server answered ${status}, and not as a Stampede does: is the address right?`;
    return new Refusal(strange + retry.replace(/^\. /, ' '));
  }
  const named = (told.errors ?? []).map(({ path, message }) => `${path}${sentAs(path, body)}: ${message}`);
  // The detail may be the first of them already.
  const { path: field, message } = told.errors?.[0] ?? {};
  const isFirst = told.detail === message || told.detail === `${field}: ${message}`;
  const [detail, ...others] = isFirst ? named : [told.detail, ...named];
  const isMissing = told.code === 'not_found' || told.errors?.some((error) => error.path === 'dropId');
  const subject = isMissing && subjectOf(path);
  const missing = subject && `${subject}:`;
  const said = [
    missing,
    withOptions(detail ?? ''),
    `(${told.code ?? status})`,
    ...others.map((other) => withOptions(other ?? '')),
  ];
  return new Refusal(said.filter(Boolean).join(' ') + retry);
}

type Method = 'GET' | 'POST' | 'PATCH';

interface Answer<T> {
  value: T;
  /** The server had done this write before, under the same key. */
  isReplay: boolean;
}

/** `key`: of a write that takes one; it is named where the server may have done the write without saying so. */
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
    const reason = reasonOf(cause) || 'nobody listens there';
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

/** Sends one request and returns what it answers as JSON. Throws `Refusal`. */
export const ask = async <T>(
  options: ServerOptions,
  method: Method,
  path: string,
  body?: unknown,
): Promise<T> => (await exchange<T>(options, method, path, body)).value;

/**
 * Sends a write under its key, or under a new one. Returns what it answers, and says on stderr if it had been done before. Throws
 * `Refusal`, which names the key where the write may have been done.
 */
export async function write<T>(
  { key = crypto.randomUUID(), ...options }: WriteOptions,
  method: 'POST' | 'PATCH',
  path: string,
  body?: unknown,
): Promise<T> {
  const { value, isReplay } = await exchange<T>(options, method, path, body, key);
  if (isReplay) say('Done before with this key: nothing was changed.');
  return value;
}

/** A part of a path that somebody typed. */
export const inPath = (text: string): string => encodeURIComponent(text);
