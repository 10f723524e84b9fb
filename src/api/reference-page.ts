/** The reference at /docs: the OpenAPI document as one page that needs no script. */
import type { JsonSchema } from '@valibot/to-json-schema';
import { html } from 'hono/html';
import { isOperators, type Operation, refusalsOf } from '../http/operation.ts';
import { problemOf } from '../http/problem.ts';
import type { Html } from '../pages/document.ts';
import { allOperations, type OpenApiDocument, tagOf } from './document.ts';
import { prose } from './prose.ts';

interface Parameter {
  name: string;
  in: string;
  required: boolean;
  description?: string;
  schema: JsonSchema;
}
interface Described {
  parameters?: readonly Parameter[];
  requestBody?: { required: boolean; content: Record<string, { schema: JsonSchema; example?: unknown }> };
  responses: Record<string, { description?: string; content?: Record<string, { example?: unknown }> }>;
}

const pretty = (value: unknown): string => JSON.stringify(value, null, 2);

/** A short description of a schema. */
function typeOf(schema: JsonSchema): string {
  if (schema.$ref) return schema.$ref.split('/').at(-1) ?? '';
  if (schema.anyOf) return (schema.anyOf as JsonSchema[]).map(typeOf).join(' or ');
  if (schema.enum) return schema.enum.join(', ');
  if (schema.const !== undefined) return String(schema.const);
  if (schema.type === 'array') return `list of ${typeOf((schema.items ?? {}) as JsonSchema)}`;
  const bounds = [
    schema.minimum !== undefined && `from ${schema.minimum}`,
    schema.maximum !== undefined && `to ${schema.maximum}`,
    schema.maxLength !== undefined && `at most ${schema.maxLength} characters`,
  ].filter(Boolean);
  return [schema.format ?? schema.type ?? 'any', ...bounds].join(' ');
}

/** The fields of an object, including nested ones. */
function fieldsOf(schema: JsonSchema, prefix = ''): { path: string; of: JsonSchema; isNeeded: boolean }[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, value]) => {
    const of = value as JsonSchema;
    const parts = of.type === 'array' ? ((of.items ?? {}) as JsonSchema) : of;
    const path = `${prefix}${name}`;
    const own = { path, of, isNeeded: schema.required?.includes(name) ?? false };
    return [own, ...fieldsOf(parts, `${path}${of.type === 'array' ? '[]' : ''}.`)];
  });
}

const table = (rows: Html[]): Html =>
  html`<div class="scroll" tabindex="0"><table><thead><tr><th scope="col">name</th><th scope="col">type</th><th scope="col">meaning</th></tr></thead><tbody>${rows}</tbody></table></div>`;
const row = (name: string, type: string, meaning: string, isNeeded: boolean): Html =>
  html`<tr><td><code>${name}</code></td><td>${type}</td><td>${isNeeded ? html`<strong>Required.</strong> ` : ''}${meaning}</td></tr>`;
const fieldTable = (schema: JsonSchema): Html =>
  table(
    fieldsOf(schema).map(({ path, of, isNeeded }) => row(path, typeOf(of), of.description ?? '', isNeeded)),
  );

function bodyOf({ requestBody }: Described): Html | string {
  const content = requestBody?.content['application/json'];
  if (!content) return '';
  return html`<h4>Body${requestBody?.required ? '' : ' (optional)'}</h4>
${fieldTable(content.schema)}
${content.example === undefined ? '' : html`<pre>${pretty(content.example)}</pre>`}`;
}

const answersOf = (operation: Operation, { responses }: Described): Html =>
  html`<h4>Responses</h4>
${operation.answers.map(({ status, description, type }) => {
  const example = responses[status]?.content?.['application/json']?.example;
  return html`<details><summary><strong>${status}</strong> ${description}${type === undefined ? '' : html` <span class="quiet">${type}</span>`}</summary>${example === undefined ? '' : html`<pre>${pretty(example)}</pre>`}</details>`;
})}
${
  refusalsOf(operation).length === 0
    ? ''
    : html`<p>Errors: ${refusalsOf(operation).map((code) => html`<a href="/problems/${code}"><code>${problemOf(code).status} ${code}</code></a> `)}</p>`
}`;

function operationOf(operation: Operation, document: OpenApiDocument): Html {
  const path = operation.path.replaceAll(/:(\w+)/g, '{$1}');
  const described = document.paths[path]?.[operation.method] as Described & { description?: string };
  const credential = isOperators(operation)
    ? 'Operator token'
    : { 'order token': 'Order token', provider: 'Provider signature' }[operation.access as string];
  const { parameters = [] } = described;
  return html`<article id="${operation.id}">
<h3><span class="method">${operation.method.toUpperCase()}</span> <code>${path}</code></h3>
<p>${operation.summary}.${credential ? html` <span class="quiet">${credential}.</span>` : ''}</p>
${described.description ? html`<p class="quiet">${prose(described.description)}</p>` : ''}
${parameters.length === 0 ? '' : html`<h4>Parameters</h4>${table(parameters.map(({ name, in: location, required, description, schema }) => row(`${name} (${location})`, typeOf(schema), description ?? schema.description ?? '', required)))}`}
${bodyOf(described)}
${answersOf(operation, described)}
</article>`;
}

export function apiReference(document: OpenApiDocument): Html {
  const byTag = [...Map.groupBy(allOperations, tagOf)];
  return html`<h1>Stampede API ${document.info.version}</h1>
<p>${prose(document.info.description)}</p>
<nav aria-label="Routes">${byTag.map(
    ([tag, operations]) => html`<h4>${tag}</h4>
<ul>${operations.map(({ id, method, path }) => html`<li><a href="#${id}"><code>${method.toUpperCase()} ${path}</code></a></li>`)}</ul>`,
  )}</nav>
${byTag.map(
  ([tag, operations]) => html`<h2>${tag}</h2>
<p>${document.tags.find(({ name }) => name === tag)?.description}</p>
${operations.map((operation) => operationOf(operation, document))}`,
)}
<h2>Schemas</h2>
${Object.entries(document.components.schemas).map(([name, schema]) => html`<article id="${name}"><h3>${name}</h3><p>${schema.description ?? ''}</p>${fieldTable(schema)}</article>`)}`;
}
