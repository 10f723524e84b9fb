/** The way to a running server: its address, the operator's token, and one request at a time. */
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { databaseFile, fromEnvironment } from './options.ts';
import { misuse, Refusal, reasonOf } from './refusal.ts';

export interface ServerOptions {
  url?: string;
  tokenFile?: string;
}

export const withServer = (command: Command): Command =>
  command
    .option('--url <url>', 'the server (STAMPEDE_URL, or this machine at PORT or 3000)')
    .option('--token-file <file>', 'a file with the operator’s token (or STAMPEDE_TOKEN, or ADMIN_TOKEN)');

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
function refusalOf(status: number, text: string, path: string, body: unknown): Refusal {
  let told: Problem;
  try {
    told = JSON.parse(text);
  } catch {
    return new Refusal(`The server answered ${status}, and not as a Stampede does: is the address right?`);
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
  return new Refusal(said.filter(Boolean).join(' '));
}

/** Sends one request and returns what it answers as JSON. Throws `Refusal`. */
export async function ask<T>(
  options: ServerOptions,
  method: 'GET' | 'POST' | 'PATCH',
  path: string,
  body?: unknown,
): Promise<T> {
  const origin = originOf(options);
  const headers = {
    authorization: `Bearer ${tokenFor(origin, options)}`,
    ...(body !== undefined && { 'content-type': 'application/json' }),
  };
  let status: number;
  let text: string;
  try {
    const sent = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
    const response = await fetch(new URL(path, origin), sent);
    [status, text] = [response.status, await response.text()];
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new Refusal(`${origin.origin} can't be reached: ${reasonOf(cause) || 'nobody listens there'}`);
  }
  if (status < 200 || status >= 300) throw refusalOf(status, text, path, body);
  try {
    return JSON.parse(text) as T;
  } catch {
    throw refusalOf(status, text, path, body);
  }
}

/** A part of a path that somebody typed. */
export const inPath = (text: string): string => encodeURIComponent(text);
