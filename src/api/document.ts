/** The OpenAPI 3.1 document, built from the operation tables and the routes' own schemas. */
import { type JsonSchema, toJsonSchema, toJsonSchemaDefs } from '@valibot/to-json-schema';
import type { GenericSchema } from 'valibot';
import * as answers from '../answers/schemas.ts';
import { certificate, certificateOfShards } from '../http/certificate-answers.ts';
import {
  type Answer,
  isKeyed,
  isOperators,
  type Operation,
  refusalsOf,
  unexpected,
} from '../http/operation.ts';
import { allOperatorOperations } from '../http/operator-operations.ts';
import { type ProblemCode, problemCodes, problemOf } from '../http/problem.ts';
import { allPublicOperations } from '../http/public-operations.ts';
import { exampleOf } from './example.ts';

/** The document calls every path parameter `id`. */
const inDocument = (operation: Operation): Operation => ({
  ...operation,
  path: operation.path.replace(/:\w+/, ':id') as `/admin/${string}`,
});
export const allOperations = [...allPublicOperations, ...allOperatorOperations].map(inDocument);

export const tagOf = (operation: Operation) => (isOperators(operation) ? 'Operator' : operation.tag);

/** Shapes listed under `components`. */
const named = {
  Drop: answers.drop,
  AdminDrop: answers.adminDrop,
  Order: answers.order,
  AdminOrder: answers.adminOrder,
  Refund: answers.refund,
  Certificate: certificate,
  CertificateOfShards: certificateOfShards,
  Stock: answers.stock,
  Problem: answers.problemDetails,
} satisfies Record<string, GenericSchema>;

const options = {
  target: 'draft-2020-12',
  typeMode: 'input',
  // Checks in code (calendar days, duplicate skus) have no JSON Schema; the refusal states their
  // rules.
  errorMode: 'ignore',
  definitions: named,
  overrideRef: ({ referenceId }: { referenceId: string }) => `#/components/schemas/${referenceId}`,
} as const;

const schemaOf = (schema: GenericSchema): JsonSchema => {
  const { $schema, $defs, ...rest } = toJsonSchema(schema, options);
  return rest;
};

let namedSchemas: Record<string, JsonSchema> | null = null;
/** Built on first use, so that no server start waits for it. */
function components(): Record<string, JsonSchema> {
  namedSchemas ??= toJsonSchemaDefs(named, options) as Record<string, JsonSchema>;
  return namedSchemas;
}

/** Every path parameter is called `id`; the path tells what it identifies. */
function idOf(path: string): { description: string; example: string } {
  if (path.startsWith('/payments/')) return { description: 'The provider’s name', example: 'stripe' };
  if (path.includes('/drops/')) return { description: 'A drop’s id or slug', example: 'summer-sneaker' };
  if (path.includes('/refunds/'))
    return { description: 'A refund’s id', example: 'rfd_4pY0dXJsIDIyIGNoYXJzIQ' };
  return { description: 'An order’s id', example: 'ord_9tY0dXJsIDIyIGNoYXJzIQ' };
}

function parametersOf({ path, query, headers = {} }: Operation) {
  const asked = query ? schemaOf(query) : {};
  const isNeeded = new Set(asked.required ?? []);
  return [
    ...(path.includes(':id')
      ? [{ name: 'id', in: 'path', required: true, schema: { type: 'string' }, ...idOf(path) }]
      : []),
    ...Object.entries(asked.properties ?? {}).map(([name, schema]) => ({
      name,
      in: 'query',
      required: isNeeded.has(name),
      schema,
    })),
    ...Object.entries(headers).map(([name, schema]) => ({
      name,
      in: 'header',
      required: false,
      schema: schemaOf(schema),
    })),
  ];
}

function contentOf({ schema, type }: Answer) {
  if (schema) {
    const shape = schemaOf(schema);
    return { 'application/json': { schema: shape, example: exampleOf(shape, components()) } };
  }
  return type === undefined ? undefined : { [type]: { schema: { type: 'string' } } };
}

const headersOf = ({ status }: Answer, operation: Operation) =>
  isKeyed(operation) && status < 300
    ? {
        'Idempotency-Replayed': {
          description: '`true` if an earlier request with this key already took effect.',
          schema: { type: 'string', const: 'true' },
        },
      }
    : undefined;

/** One response for all codes that share a status. */
function problemAnswer(codes: readonly ProblemCode[]) {
  const found = codes.map(problemOf);
  const isRetried = found.some(({ status }) => status === 429 || status === 503);
  return {
    description: found.map(({ code, title }) => `\`${code}\`: ${title}`).join(' '),
    ...(isRetried && {
      headers: { 'Retry-After': { description: 'Seconds to wait.', schema: { type: 'string' } } },
    }),
    content: {
      'application/problem+json': {
        schema: {
          allOf: [{ $ref: '#/components/schemas/Problem' }],
          properties: { code: { enum: codes } },
        },
        examples: Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }])),
      },
    },
  };
}

function responsesOf(operation: Operation) {
  const statuses = Map.groupBy(refusalsOf(operation), (code) => String(problemOf(code).status));
  return {
    ...Object.fromEntries(
      operation.answers.map((answer) => {
        const [content, headers] = [contentOf(answer), headersOf(answer, operation)];
        const { status, description } = answer;
        return [String(status), { description, ...(content && { content }), ...(headers && { headers }) }];
      }),
    ),
    ...Object.fromEntries(
      [...statuses].map(([status, codes]) => {
        // A page and a problem of the same status differ by media type.
        const page = operation.answers.find((answer) => String(answer.status) === status);
        const answer = problemAnswer(codes);
        return [status, page ? { ...answer, content: { ...contentOf(page), ...answer.content } } : answer];
      }),
    ),
    default: { $ref: '#/components/responses/Unexpected' },
  };
}

function securityOf(operation: Operation) {
  if (isOperators(operation)) return [{ operatorToken: [] }];
  return operation.access === 'order token' ? [{ orderToken: [] }] : [];
}

function notesOf(operation: Operation): string {
  const { description, access, isOnlyOnWorkers, isOnlyOnMachines } = operation;
  return [
    description,
    isOperators(operation) && `Needs the scope \`${access}\`.`,
    isOnlyOnWorkers && 'Only on Cloudflare Workers.',
    isOnlyOnMachines && 'Not on Cloudflare Workers, which keep 30 days of history themselves.',
  ]
    .filter(Boolean)
    .join(' ');
}

const operationOf = (operation: Operation) => {
  const { id, summary, body } = operation;
  const description = notesOf(operation);
  const parameters = parametersOf(operation);
  return {
    operationId: id,
    tags: [tagOf(operation)],
    summary,
    ...(description !== '' && { description }),
    security: securityOf(operation),
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: {
        required: !('isOptional' in body),
        content: {
          'application/json': {
            schema: schemaOf(body.schema),
            ...('example' in body && { example: body.example }),
          },
        },
      },
    }),
    responses: responsesOf(operation),
  };
};

const tags = [
  { name: 'Drops', description: 'What is on sale, and how much is left.' },
  { name: 'Purchases', description: 'Holds and orders.' },
  { name: 'Payments', description: 'Checkouts and provider webhooks.' },
  { name: 'Operator', description: 'Manage drops, orders and refunds. Requires an operator token.' },
  { name: 'Health', description: 'For load balancers, monitoring and on-call operators.' },
];

export type OpenApiDocument = ReturnType<typeof describeApi>;

const describeApi = (version: string, url: string) => ({
  openapi: '3.1.1',
  info: {
    title: 'Stampede',
    version,
    summary:
      'The backend for limited drops: no overselling, no lost orders, automatic refunds of payments that cannot be fulfilled.',
    description:
      'Times are ISO 8601; amounts are integers in minor units with an ISO 4217 code. Every error is an RFC 9457 problem with a stable `code`; its `type` links to a page that explains it. After 429 or 503, wait for `Retry-After` and retry, a purchase with the same Idempotency-Key. HEAD answers like GET, without a body. OPTIONS answers 204 with `Allow`; a method that a path does not support gets 405 with the same header. A body with a Content-Encoding is refused with 415.',
    license: { name: 'MIT', identifier: 'MIT' },
  },
  servers: [{ url }],
  tags,
  paths: Object.fromEntries(
    [...Map.groupBy(allOperations, ({ path }) => path)].map(([path, operations]) => [
      path.replaceAll(/:(\w+)/g, '{$1}'),
      Object.fromEntries(operations.map((operation) => [operation.method, operationOf(operation)])),
    ]),
  ),
  components: {
    securitySchemes: {
      orderToken: {
        type: 'http',
        scheme: 'bearer',
        description: 'The `token` of the purchase answer, valid for that one order.',
      },
      operatorToken: { type: 'http', scheme: 'bearer', description: 'An operator token, with scopes.' },
    },
    schemas: components(),
    examples: Object.fromEntries(problemCodes.map((code) => [code, { value: problemOf(code) }])),
    responses: { Unexpected: problemAnswer(unexpected) },
  },
});

let made: { version: string; url: string; document: OpenApiDocument } | null = null;

/** The document at /openapi.json. Building takes milliseconds: once per `version` and `url`. */
export function openApiDocument(version: string, url: string): OpenApiDocument {
  if (made?.version !== version || made.url !== url) {
    made = { version, url, document: describeApi(version, url) };
  }
  return made.document;
}
