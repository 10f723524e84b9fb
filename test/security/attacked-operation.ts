/** An operation of the published document as a target: its fields, and bodies with one replaced. */
import type { JsonSchema } from '@valibot/to-json-schema';
import { openApiDocument } from '../../src/api/document.ts';
import type { Operation } from '../../src/http/operation.ts';
import { canary, phoneCanary } from '../support/client.ts';
import { isoFromNow, unique } from '../support/shop.ts';

type Path = readonly (string | number)[];

export interface Field {
  /** The field's name in the answer's `errors`. */
  name: string;
  path: Path;
  schema: JsonSchema;
  isNeeded: boolean;
}

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  schema: JsonSchema;
}

interface Described {
  parameters?: readonly Parameter[];
  requestBody?: { content: Record<string, { schema: JsonSchema }> };
}

const document = openApiDocument('0.0.0', 'https://shop.example');

function describedOf({ path, method }: Operation): Described {
  const described = document.paths[path.replaceAll(/:(\w+)/g, '{$1}')]?.[method];
  if (!described) throw new Error(`The document has no ${method} ${path}.`);
  return described as Described;
}

export const parametersOf = (operation: Operation): readonly Parameter[] =>
  describedOf(operation).parameters ?? [];

/** Null where the operation reads no JSON, or only signed JSON. */
export function bodySchemaOf(operation: Operation): JsonSchema | null {
  if (!operation.body || 'isRaw' in operation.body) return null;
  return describedOf(operation).requestBody?.content['application/json']?.schema ?? null;
}

/** Every field of a body, also those inside objects and lists. */
export function fieldsOf(schema: JsonSchema, path: Path = []): Field[] {
  return Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>).flatMap(([key, of]) => {
    const here = [...path, key];
    const isNeeded = schema.required?.includes(key) ?? false;
    const parts =
      of.type === 'array' ? fieldsOf((of.items ?? {}) as JsonSchema, [...here, 0]) : fieldsOf(of, here);
    return [{ name: here.join('.'), path: here, schema: of, isNeeded }, ...parts];
  });
}

/** Valid values by field name, for every operation. */
const samples: Readonly<Record<string, () => unknown>> = {
  slug: () => `attacked-${unique()}`,
  sku: () => 'one',
  currency: () => 'EUR',
  email: () => `${canary}-${unique()}@${canary}.example`,
  phone: () => `${phoneCanary}123`,
  imageUrl: () => '/images/sample-sneaker.svg',
  startsAt: () => isoFromNow(-60_000),
  endsAt: () => isoFromNow(3_600_000),
  shards: () => 1,
  stock: () => 5,
  // An accepted edit would otherwise close the next request's drop.
  paused: () => false,
  published: () => true,
};

function sampleOf(schema: JsonSchema, name: string, known: Readonly<Record<string, unknown>>): unknown {
  if (name in known) return known[name];
  const sample = samples[name];
  if (sample) return sample();
  const of = (schema.anyOf as JsonSchema[] | undefined)?.find(({ type }) => type !== 'null') ?? schema;
  if (of.enum) return of.enum[0];
  if (of.type === 'object') {
    const parts = Object.entries((of.properties ?? {}) as Record<string, JsonSchema>);
    return Object.fromEntries(parts.map(([key, part]) => [key, sampleOf(part, key, known)]));
  }
  if (of.type === 'array') return [sampleOf((of.items ?? {}) as JsonSchema, '', known)];
  if (of.type === 'integer') return Math.max(1, of.minimum ?? 1);
  return of.type === 'boolean' ? true : `${canary} text`;
}

/** A body with every field, all of them valid; `known` has values that only the caller knows. */
export const wholeBody = (schema: JsonSchema, known: Readonly<Record<string, unknown>>): unknown =>
  sampleOf(schema, '', known);

type Node = Record<string | number, unknown>;

/** The body as JSON with one raw value inserted; null removes the key. */
export function bodyWith(body: unknown, path: Path, json: string | null): string {
  const changed = structuredClone(body) as Node;
  const last = path.at(-1) ?? '';
  const parent = path.slice(0, -1).reduce<Node>((node, key) => node[key] as Node, changed);
  if (json === null) {
    delete parent[last];
    return JSON.stringify(changed);
  }
  const marker = 'the value that is replaced';
  parent[last] = marker;
  return JSON.stringify(changed).replace(JSON.stringify(marker), () => json);
}

/** The body with a duplicate key: the last one counts, so the invalid one is the last. */
export const bodyWithTwo = (body: unknown, field: Field, json: string): string => {
  const key = JSON.stringify(field.path.at(-1));
  const own = bodyWith(body, field.path, json);
  return own.replace(
    `${key}:${json}`,
    () => `${key}:${JSON.stringify(valueAt(body, field.path))},${key}:${json}`,
  );
};

const valueAt = (body: unknown, path: Path): unknown =>
  path.reduce<unknown>((node, key) => (node as Node)[key], body);
