/**
 * Checks answers against the published OpenAPI document, and records which documented answers a
 * test has received.
 */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { expect } from 'vitest';
import { allOperations, openApiDocument } from '../../src/api/document.ts';
import { type Operation, unexpected } from '../../src/http/operation.ts';

interface Documented {
  content?: Record<string, { schema: object }>;
}

/** A schema without additional properties: an undocumented field must not be answered. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const parts = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  const isOpen = parts.type === 'object' && 'properties' in parts && !('additionalProperties' in parts);
  return isOpen ? { ...parts, additionalProperties: false } : parts;
}

const document = openApiDocument('0.0.0', 'https://shop.example');
const ajv = new Ajv2020({ strict: false, allErrors: true });
formats.default(ajv);
ajv.addSchema(closed(document) as object, 'document');

const routes = allOperations.map((operation) => ({
  operation,
  pattern: new RegExp(`^${operation.path.replaceAll('.', '\\.').replaceAll(/:\w+/g, '[^/]+')}$`),
}));
/** The pages for people, and the document itself. */
const pages =
  /^\/(?:$|d\/|o\/|assets\/|images\/|docs$|problems(?:\/|$)|openapi\.json$|admin$|admin\/(?:ui\/|sign-))/;

const escaped = (part: string): string => part.replaceAll('~', '~0').replaceAll('/', '~1');

/** The operation of this request; a route with more literal segments precedes a parameter. */
const operationOf = (method: string, path: string): Operation | undefined =>
  routes
    .filter(({ operation, pattern }) => operation.method === method.toLowerCase() && pattern.test(path))
    .sort((one, other) => other.operation.path.split(':').length - one.operation.path.split(':').length)
    .at(-1)?.operation;

const seen = new Set<string>();
function note(operation: Operation, what: string | number): void {
  const line = `${operation.id} ${what}\n`;
  if (seen.has(line)) return;
  seen.add(line);
  const folder = process.env.STAMPEDE_SEEN_ANSWERS;
  if (!folder) throw new Error('STAMPEDE_SEEN_ANSWERS must name the folder in which answers are noted.');
  appendFileSync(join(folder, String(process.pid)), line);
}

/** An answer to check, whichever client received it. */
export interface JudgedAnswer {
  status: number;
  contentType: string;
  text: string;
}

/** Fails the test where the document lacks this answer, or contradicts it. */
export function expectDocumented(method: string, target: string, answer: JudgedAnswer): void {
  // HEAD has no body: the GET with it is checked.
  if (method === 'HEAD') return;
  // The document describes the answer to OPTIONS once for all paths.
  if (method === 'OPTIONS' && answer.status === 204) return;
  const path = target.split('?')[0] ?? '';
  const what = `${method} ${path} answered ${answer.status} ${answer.text.slice(0, 500)}`;
  const operation = operationOf(method, path);
  if (!operation) {
    if (answer.status < 400) expect(path, `${what}, which is not documented`).toMatch(pages);
    return;
  }
  const template = operation.path.replaceAll(/:(\w+)/g, '{$1}');
  const described = document.paths[template]?.[operation.method];
  const responses = (described?.responses ?? {}) as Record<string, Documented>;
  const type = answer.contentType.split(';')[0] ?? '';
  const isProblem = type === 'application/problem+json';
  const code: string = isProblem ? JSON.parse(answer.text).code : '';
  const documented = responses[answer.status];
  const responsesAt = ['paths', template, operation.method, 'responses'];
  const isListed = isProblem
    ? documented?.content?.[type] !== undefined && listsCode(documented, code)
    : documented !== undefined;
  if (!isListed) {
    expect(unexpected, `${what}, which is not documented`).toContain(code);
    return;
  }
  note(operation, isProblem ? code : answer.status);
  if (!documented?.content) {
    expect(answer.text, what).toBe('');
    return;
  }
  if (!(type in documented.content)) expect.fail(`${what}, as ${type}, which is not documented`);
  if (!type.endsWith('json')) return;
  const pointer = [...responsesAt, String(answer.status), 'content', type, 'schema'].map(escaped).join('/');
  const validate = ajv.getSchema(`document#/${pointer}`);
  if (!validate) throw new Error(`The document has no schema at ${pointer}.`);
  // For each answer of every test: an assertion that holds would cost more than the check itself.
  if (validate(JSON.parse(answer.text)) !== true)
    expect.fail(`${what}\n${JSON.stringify(validate.errors, null, 1)}`);
}

const listsCode = (documented: Documented, code: string): boolean =>
  Object.keys(
    (documented.content?.['application/problem+json'] as { examples?: object })?.examples ?? {},
  ).includes(code);

/** Checks the data of a stock event. */
export function expectDocumentedStock(data: unknown): void {
  const validate = ajv.getSchema('document#/components/schemas/Stock');
  expect(validate?.(data), JSON.stringify(validate?.errors)).toBe(true);
}
