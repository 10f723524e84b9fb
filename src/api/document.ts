/** The OpenAPI 3.1 document, made from the table of operations and the schemas that the routes themselves check by. */
import { type JsonSchema, toJsonSchema, toJsonSchemaDefs } from '@valibot/to-json-schema';
import type { GenericSchema } from 'valibot';
import * as answers from '../http/answers.ts';
import { certificate, certificateOfShards } from '../http/certificate-answers.ts';
import { type ProblemCode, problemCodes, problemOf } from '../http/problem.ts';
import { buyerOperations } from './buyer-operations.ts';
import { exampleOf } from './example.ts';
import { type Answer, isKeyed, isOperators, type Operation, refusalsOf, unexpected } from './operation.ts';
import { operatorOperations } from './operator-operations.ts';
import { refundOperations } from './refund-operations.ts';

export const allOperations: readonly Operation[] = [
  ...buyerOperations,
  ...operatorOperations,
  ...refundOperations,
];

/** The shapes with a name of their own. */
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
  // Checks that are code of ours (a calendar's days, one sku twice) have no JSON Schema; their rules stand in the refusal.
  errorMode: 'ignore',
  definitions: named,
  overrideRef: ({ referenceId }: { referenceId: string }) => `#/components/schemas/${referenceId}`,
} as const;

const schemaOf = (schema: GenericSchema): JsonSchema => {
  const { $schema, $defs, ...rest } = toJsonSchema(schema, options);
  return rest;
};

let namedSchemas: Record<string, JsonSchema> | null = null;
/** Made when they are first asked for: no server's start waits for them. */
function components(): Record<string, JsonSchema> {
  namedSchemas ??= toJsonSchemaDefs(named, options) as Record<string, JsonSchema>;
  return namedSchemas;
}

/** A path parameter is called `id` everywhere; what it names follows from the path. */
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
          description: '`true` where an earlier request with this key had done it already.',
          schema: { type: 'string', const: 'true' },
        },
      }
    : undefined;

/** The answer of one status with all codes that have it. */
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
        const described = { description: answer.description, ...(content && { content }) };
        return [String(answer.status), { ...described, ...(headers && { headers }) }];
      }),
    ),
    ...Object.fromEntries(
      [...statuses].map(([status, codes]) => {
        // A page and a problem of one status differ by their media type.
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

function notesOf({
  description,
  access,
  isOnlyOnWorkers,
  isOnlyOnMachines,
  ...operation
}: Operation): string {
  return [
    description,
    isOperators({ access, ...operation }) && `Needs the scope \`${access}\`.`,
    isOnlyOnWorkers && 'Only where the server runs on Cloudflare Workers.',
    isOnlyOnMachines && 'Not on Cloudflare Workers, which keep every state of the last 30 days themselves.',
  ]
    .filter(Boolean)
    .join(' ');
}

const operationOf = (operation: Operation) => {
  const { id, tag, summary, body } = operation;
  const description = notesOf(operation);
  const parameters = parametersOf(operation);
  return {
    operationId: id,
    tags: [tag],
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
  { name: 'Drops', description: 'What is on sale, and how much of it is left.' },
  { name: 'Purchases', description: 'Holds and orders.' },
  { name: 'Payments', description: 'The way to the money, and its way back.' },
  { name: 'Operator', description: 'Running drops. Needs an operator’s token.' },
  { name: 'Health', description: 'For load balancers, monitors and people on call.' },
];

export type OpenApiDocument = ReturnType<typeof describeApi>;

const describeApi = (version: string, url: string) => ({
  openapi: '3.1.1',
  info: {
    title: 'Stampede',
    version,
    summary: 'The backend for limited drops: nothing oversold, no order lost, nobody pays for nothing.',
    description:
      'Times are ISO 8601, money is integer minor units with an ISO 4217 code. Every refusal is an RFC 9457 problem with a stable `code`; its `type` is a page that explains it. Whatever answers 429 or 503 may be asked again after `Retry-After`, a purchase with the same Idempotency-Key. HEAD answers as GET does, without a body. OPTIONS answers 204 with `Allow`, and so does 405 for a method that a path does not have. A body with a Content-Encoding is refused with 415.',
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
        description: 'The `token` that the purchase answered with: good for that one order.',
      },
      operatorToken: { type: 'http', scheme: 'bearer', description: 'An operator’s token, with scopes.' },
    },
    schemas: components(),
    examples: Object.fromEntries(problemCodes.map((code) => [code, { value: problemOf(code) }])),
    responses: { Unexpected: problemAnswer(unexpected) },
  },
});

let made: { version: string; url: string; document: OpenApiDocument } | null = null;

/** The whole document, which the server answers at /openapi.json; `version` is its own. Made once, for it takes milliseconds. */
export function openApiDocument(version: string, url: string): OpenApiDocument {
  if (made?.version !== version || made.url !== url) {
    made = { version, url, document: describeApi(version, url) };
  }
  return made.document;
}
