/** Requests made from the published document: valid ones, and ones with invalid parts. */
import type { JsonSchema } from '@valibot/to-json-schema';
import fc from 'fast-check';
import type { Operation } from '../../src/http/operation.ts';
import { canary } from '../support/client.ts';
import { keyOf } from '../support/key-of.ts';
import { bodySchemaOf, bodyWith, fieldsOf, parametersOf } from './attacked-operation.ts';
import {
  hostileHeaders,
  hostileIds,
  hostileKeys,
  hostileQueries,
  hostileValuesFor,
} from './hostile-values.ts';

export interface FuzzedRequest {
  /** The operation's id, printed with a counterexample. */
  operation: string;
  method: string;
  /** Replaces `:id`; null means an existing id. */
  id: string | null;
  query: string;
  headers: Readonly<Record<string, string>>;
  /** '' where none is sent; `$drop` is replaced by the id of an existing drop. */
  body: string;
}

/** The placeholder of a drop's id in a body: the fuzzer does not know the shop. */
export const dropMarker = '$drop';

const dots = fc.constantFrom('2027-01-31T18:00:00Z', '2026-02-30T00:00:00Z', '1999-12-31T23:59+14:00');
const byName: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  dropId: fc.constantFrom(dropMarker, 'attacked', 'nothing'),
  sku: fc.constantFrom('one', 'two', 'A.b-C_1'),
  slug: fc.stringMatching(/^[a-z0-9]{1,20}(?:-[a-z0-9]{1,20}){0,2}$/),
  currency: fc.constantFrom('EUR', 'USD', 'JPY', 'eur', 'ZZZ'),
  email: fc.integer({ min: 0, max: 50 }).map((number) => `${canary}-${number}@${canary}.example`),
  phone: fc.constantFrom('+19995550123', '+1 999 555-0123'),
  imageUrl: fc.constantFrom('/images/sample-sneaker.svg', 'https://shop.example/a.png', 'ftp://x'),
  startsAt: dots,
  endsAt: fc.option(dots),
  // Otherwise the drop would soon be closed for good.
  paused: fc.constant(false),
  published: fc.constant(true),
  cursor: fc.constantFrom('', 'ord_AAAAAAAAAAAAAAAAAAAAAA', 'rfd_x'),
};

/** A value that the schema allows; rules beyond the schema may still reject it. */
function rightValue(schema: JsonSchema, name = ''): fc.Arbitrary<unknown> {
  const known = byName[name];
  if (known) return known;
  if (schema.anyOf) return fc.oneof(...(schema.anyOf as JsonSchema[]).map((choice) => rightValue(choice)));
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.type === 'null') return fc.constant(null);
  if (schema.type === 'boolean') return fc.boolean();
  if (schema.type === 'integer') return fc.integer({ min: schema.minimum ?? 0, max: schema.maximum ?? 100 });
  if (schema.type === 'array')
    return fc.array(rightValue((schema.items ?? {}) as JsonSchema), {
      minLength: schema.minItems ?? 0,
      maxLength: 3,
    });
  if (schema.type === 'object') {
    const properties = Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>);
    const parts = Object.fromEntries(properties.map(([key, part]) => [key, rightValue(part, key)]));
    return fc.record(parts, { requiredKeys: schema.required ?? [] });
  }
  if (schema.pattern !== undefined) return fc.stringMatching(new RegExp(schema.pattern));
  return fc.string({ unit: 'grapheme', maxLength: Math.min(schema.maxLength ?? 30, 60) });
}

/** A valid body with one value replaced, one key removed, or one added. */
function mutantOf(schema: JsonSchema): fc.Arbitrary<string> {
  const fields = fieldsOf(schema).filter(({ path }) => path.length === 1);
  const wrong = fields.flatMap(({ path, schema: of }) => {
    const { refused, harmless } = hostileValuesFor(of);
    return [null, ...refused, ...harmless].map((json) => ({ path, json }));
  });
  const mutation = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...wrong) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(...hostileKeys).map((key) => ({ path: [`+${key}`], json: '{}' })),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(fc.constantFrom(...fields), fc.json()).map(([{ path }, json]) => ({ path, json })),
    },
  );
  return fc.tuple(rightValue(schema), mutation).map(([body, { path, json }]) => bodyWith(body, path, json));
}

function bodyOf(operation: Operation): fc.Arbitrary<string> {
  const schema = bodySchemaOf(operation);
  const junk = fc.oneof(
    fc.json(),
    fc.string(),
    fc.constant(''),
    fc.constantFrom('[', '{', '"', 'nul', '{}{}'),
  );
  if (!schema) return operation.body ? junk : fc.constant('');
  return fc.oneof(
    { weight: 6, arbitrary: rightValue(schema).map((body) => JSON.stringify(body)) },
    { weight: 6, arbitrary: mutantOf(schema) },
    { weight: 1, arbitrary: junk },
  );
}

function queryOf(operation: Operation): fc.Arbitrary<string> {
  const parameters = parametersOf(operation).filter((parameter) => parameter.in === 'query');
  if (parameters.length === 0) return fc.constantFrom('', '', '?canary=1', '?__proto__=1');
  const right = fc.record(
    Object.fromEntries(parameters.map(({ name, schema }) => [name, rightValue(schema, name).map(String)])),
    { requiredKeys: [] },
  );
  const wrong = parameters.flatMap(({ name }) => hostileQueries(name));
  return fc.oneof(
    {
      weight: 4,
      arbitrary: right.map((query) => `?${new URLSearchParams(query as Record<string, string>)}`),
    },
    { weight: 2, arbitrary: fc.constantFrom(...wrong).map((query) => `?${query}`) },
  );
}

const plain = hostileHeaders.filter((value) => /^[\u0020-\u007e]*$/.test(value));

function headersOf(operation: Operation): fc.Arbitrary<Record<string, string>> {
  const own = parametersOf(operation).filter((parameter) => parameter.in === 'header');
  const value = fc.oneof(
    fc.constantFrom(...plain),
    fc.stringMatching(/^[!-~]{1,40}$/),
    fc.constant(keyOf('all')),
  );
  const type = fc.constantFrom('application/json', 'application/json; charset=utf-8');
  const wrongType = fc.constantFrom(
    'text/plain',
    'application/json; charset=utf-7',
    'multipart/form-data',
    'x',
  );
  const types = fc.oneof({ weight: 12, arbitrary: type }, { weight: 1, arbitrary: wrongType });
  return fc.record(
    { 'content-type': types, ...Object.fromEntries(own.map(({ name }) => [name, value])), accept: value },
    { requiredKeys: ['content-type'] },
  );
}

/** The runtime itself answers a head of more than 16 KB with 431: smuggling.test.ts sends those. */
const headCharactersMax = 14_000;
const hasShortHead = ({ id, query, headers }: FuzzedRequest): boolean =>
  `${id}${query}${JSON.stringify(headers)}`.length < headCharactersMax;

const methods = ['GET', 'POST', 'PATCH', 'PUT', 'DELETE', 'OPTIONS'];

function requestOf(operation: Operation): fc.Arbitrary<FuzzedRequest> {
  const method = operation.method.toUpperCase();
  const any = fc.record({
    operation: fc.constant(operation.id),
    method: fc.oneof(
      { weight: 15, arbitrary: fc.constant(method) },
      { weight: 1, arbitrary: fc.constantFrom(...methods) },
    ),
    id: fc.oneof(
      { weight: 5, arbitrary: fc.constant(null) },
      { weight: 1, arbitrary: fc.constantFrom(...hostileIds) },
    ),
    query: queryOf(operation),
    headers: headersOf(operation),
    body: bodyOf(operation),
  });
  return any.filter(hasShortHead);
}

/** Requests of any of these operations. */
export const fuzzedRequests = (operations: readonly Operation[]): fc.Arbitrary<FuzzedRequest> =>
  fc.oneof(...operations.map(requestOf));
