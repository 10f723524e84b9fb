/** Reads request bodies within size limits, validates them, and writes JSON answers. */
import type { Context } from 'hono';
import * as v from 'valibot';
import type { FieldError } from '../domain/outcome.ts';
import { BODY_BYTES_MAX } from '../limits.ts';
import { responseOf } from './plain-answer.ts';
import { problem } from './problem.ts';

const ERRORS_MAX = 20;
const PATH_CHARACTERS_MAX = 100;
const keyShape = /^[A-Za-z_$][\w$-]{0,39}$/;
/** A media type, and one of its parameters as RFC 9110 writes them (section 5.6.6). */
const typeName = /^[ \t]*([^\s;,"]+)[ \t]*/;
const parameter = /;[ \t]*(?:([\w!#$%&'*+.^`|~-]+)=(?:"((?:[^"\\]|\\.)*)"|([\w!#$%&'*+.^`|~-]+))[ \t]*)?/y;
const jsonType = /^application\/(?:[\w.+-]+\+)?json$/i;
const formType = /^application\/x-www-form-urlencoded$/i;

/** Whether a Content-Type names such a type in UTF-8; other parameters are ignored. */
function isType(contentType: string, type: RegExp): boolean {
  const [start = '', name = ''] = typeName.exec(contentType) ?? [];
  if (!type.test(name)) return false;
  parameter.lastIndex = start.length;
  while (parameter.lastIndex < contentType.length) {
    const found = parameter.exec(contentType);
    if (!found) return false;
    const [, key = '', quoted = '', value = quoted] = found;
    if (/^charset$/i.test(key) && !/^utf-?8$/i.test(value)) return false;
  }
  return true;
}
/** Whether a Content-Type says JSON, in UTF-8, its only encoding. */
export const isJson = (contentType: string | undefined): boolean =>
  contentType === 'application/json' || isType(contentType ?? '', jsonType);
/** Whether a Content-Type says HTML form, in UTF-8. */
export const isForm = (contentType: string | undefined): boolean => isType(contentType ?? '', formType);

// Keeps a byte order mark, because signatures are checked on the exact bytes received.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const kindNames: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  boolean: 'true or false',
  Object: 'an object',
  Array: 'a list',
};
const truncated = (): Response => problem('malformed', { detail: 'The request body was truncated.' });
const tooLarge = (bytesMax: number): Response =>
  problem('too_large', { detail: `The body must not exceed ${bytesMax} bytes.` });

async function readChunks(body: ReadableStream<Uint8Array>, bytesMax: number): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > bytesMax) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * Refuses a body in a content coding such as gzip; null without one (RFC 9110, section 15.5.16).
 */
export function refuseCoding(raw: Request): Response | null {
  const codings = raw.headers.get('content-encoding');
  if (codings === null || /^[ \t,]*(?:identity[ \t,]*)*$/i.test(codings)) return null;
  return problem('unsupported_media_type', {
    detail: 'The body must not be compressed. Send it without Content-Encoding.',
    headers: { 'accept-encoding': 'identity' },
  });
}

/** The body as text, from the exact bytes. A Response is the refusal to send instead. */
export async function readText(raw: Request, bytesMax = BODY_BYTES_MAX): Promise<string | Response> {
  const coded = refuseCoding(raw);
  if (coded) return coded;
  const declared = raw.headers.get('content-length');
  if (declared !== null && Number(declared) > bytesMax) return tooLarge(bytesMax);
  let bytes: Uint8Array | null;
  try {
    // The HTTP server enforces a declared length; only an undeclared one is counted here.
    if (declared !== null) bytes = new Uint8Array(await raw.arrayBuffer());
    else bytes = raw.body ? await readChunks(raw.body, bytesMax) : new Uint8Array();
  } catch {
    return truncated();
  }
  return bytes ? decoded(bytes) : tooLarge(bytesMax);
}

function decoded(bytes: Uint8Array): string | Response {
  try {
    return decoder.decode(bytes);
  } catch {
    return problem('malformed', { detail: 'The body is not valid UTF-8.' });
  }
}

/** The path to an unknown key; omits a key that is no identifier, because it may be personal. */
const pathToUnknown = (issue: v.BaseIssue<unknown>): string => {
  const keys = (issue.path ?? []).map(({ key }) => String(key));
  return (keyShape.test(keys.at(-1) ?? '') ? keys : keys.slice(0, -1)).join('.');
};

/** Names fields and rules, and never repeats the input. */
function fieldErrors(issues: readonly v.BaseIssue<unknown>[]): FieldError[] {
  return issues.slice(0, ERRORS_MAX).map((issue) => {
    const path = (v.getDotPath(issue) ?? '').slice(0, PATH_CHARACTERS_MAX);
    // Messages of validations are our own sentences; those of schemas would quote the input.
    if (issue.kind === 'validation') return { path, message: issue.message };
    if (issue.expected === 'never') return { path: pathToUnknown(issue), message: 'Unknown field.' };
    if (issue.received === 'undefined') return { path, message: 'Is required.' };
    const expected = issue.expected ?? issue.type;
    return { path, message: `Must be ${kindNames[expected] ?? expected}.` };
  });
}

/** Null if the text is not JSON: the schema then rejects it like any other wrong value. */
export function parsedOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Checks a value against a schema. A Response is the 422 to send instead. */
export function check<S extends v.GenericSchema>(schema: S, value: unknown): v.InferOutput<S> | Response {
  const parsed = v.safeParse(schema, value, { abortPipeEarly: true });
  if (parsed.success) return parsed.output;
  const errors = fieldErrors(parsed.issues);
  const [first] = errors;
  return problem('invalid', { detail: first ? `${first.path || 'body'}: ${first.message}` : '', errors });
}

const isNever = (_: unknown): _ is never => false;

/**
 * Reads and checks a JSON body. A Response is the refusal to send instead. `isPlain` recognizes
 * values that the schema would return unchanged.
 */
export async function readJson<S extends v.GenericSchema>(
  c: Context,
  schema: S,
  isPlain: (value: unknown) => value is v.InferOutput<S> = isNever,
): Promise<v.InferOutput<S> | Response> {
  if (!isJson(c.req.header('content-type'))) return problem('unsupported_media_type');
  const text = await readText(c.req.raw);
  return text instanceof Response ? text : checkJson(text, schema, isPlain);
}

function checkJson<S extends v.GenericSchema>(
  text: string,
  schema: S,
  isPlain: (value: unknown) => value is v.InferOutput<S>,
): v.InferOutput<S> | Response {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return problem('malformed', { detail: 'The body is not JSON.' });
  }
  return isPlain(value) ? value : check(schema, value);
}

/** Like `readJson`, of the bytes of a body; null: it was truncated. */
export function checkBytes<S extends v.GenericSchema>(
  bytes: Uint8Array | null,
  schema: S,
  isPlain: (value: unknown) => value is v.InferOutput<S>,
): v.InferOutput<S> | Response {
  if (!bytes) return truncated();
  const text = decoded(bytes);
  return text instanceof Response ? text : checkJson(text, schema, isPlain);
}

/** Like `readJson`, but treats a missing body as an empty object. */
export async function readOptionalJson<S extends v.GenericSchema>(
  c: Context,
  schema: S,
): Promise<v.InferOutput<S> | Response> {
  if (c.req.header('content-type') !== undefined) return readJson(c, schema);
  const text = await readText(c.req.raw);
  if (text instanceof Response) return text;
  return text === '' ? check(schema, {}) : problem('unsupported_media_type');
}

/** Reads and checks the fields of an HTML form. A Response is the refusal to send instead. */
export async function readForm<S extends v.GenericSchema>(
  c: Context,
  schema: S,
): Promise<v.InferOutput<S> | Response> {
  const text = await readText(c.req.raw);
  return text instanceof Response ? text : check(schema, Object.fromEntries(new URLSearchParams(text)));
}

/** A JSON response that no cache stores. */
export const json = (value: unknown, status = 200, headers?: Readonly<Record<string, string>>): Response =>
  responseOf({
    body: JSON.stringify(value),
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
  });
