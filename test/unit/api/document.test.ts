/** The published document: valid by the rules of its format, and in line with the routes. */
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { allOperations, openApiDocument } from '../../../src/api/document.ts';
import { explanation } from '../../../src/api/explain-routes.ts';
import { problemPage } from '../../../src/api/problem-pages.ts';
import { apiReference } from '../../../src/api/reference-page.ts';
import { createApp } from '../../../src/app.ts';
import { adminBackupRoutes } from '../../../src/http/admin-backup.ts';
import type { Deps } from '../../../src/http/deps.ts';
import { problemCodes } from '../../../src/http/problem.ts';

const document = openApiDocument('0.0.0', 'https://shop.example');

async function lint(source: object): Promise<string[]> {
  const config = await createConfig({
    extends: ['recommended-strict'],
    rules: {
      // Health checks refuse nothing.
      'operation-4xx-response': 'off',
      // The data of a stock event: OpenAPI 3.1 cannot describe a stream's content.
      'no-unused-components': 'off',
    },
  });
  const found = await lintFromString({ source: JSON.stringify(source), config });
  return found.map(({ ruleId, message, location }) => `${ruleId} ${location[0]?.pointer}: ${message}`);
}

test('a linter finds nothing in the document', async () => {
  expect(await lint(document)).toEqual([]);
});

test.each([
  ['an example that breaks its schema', (text: string) => text.replace('"quantity":1', '"quantity":"one"')],
  ['a reference to nothing', (text: string) => text.replace('#/components/schemas/Order"', '#/nowhere"')],
  ['an id twice', (text: string) => text.replace('"operationId":"getDrop"', '"operationId":"listDrops"')],
])('the linter finds %s', async (_, spoil) => {
  expect(await lint(JSON.parse(spoil(JSON.stringify(document))))).not.toEqual([]);
});

test('the document lists every route of the API, and no other', () => {
  // The test only reads the table of routes; no handler is called.
  const deps = {
    providers: new Map(),
    db: { snapshot: {}, metrics: {} },
    rateLimits: null,
  } as unknown as Deps;
  const app = createApp(deps, adminBackupRoutes(deps as never));
  const isForPeople = (path: string): boolean =>
    path === '/' ||
    /^\/(?:d\/|o\/|assets\/|images\/|docs|problems|openapi\.json|admin$|admin\/ui|admin\/sign)/.test(path);
  const routes = app.routes
    .filter(({ method, path }) => method !== 'ALL' && !isForPeople(path))
    .map(({ method, path }) => `${method} ${path.replaceAll(/:\w+/g, ':id')}`);
  const reported = allOperations
    .filter(({ isOnlyOnWorkers, id }) => !isOnlyOnWorkers && id !== 'playSandbox')
    .map(({ method, path }) => `${method.toUpperCase()} ${path}`);
  expect(reported.sort()).toEqual([...new Set(routes)].sort());
  expect(app).toBeInstanceOf(Hono);
});

test('document and reference are generated once per address', () => {
  const first = explanation('1', 'https://shop.example');
  expect(explanation('1', 'https://shop.example')).toBe(first);
  const other = explanation('1', 'https://other.example');
  expect(JSON.parse(other.json).servers).toEqual([{ url: 'https://other.example' }]);
});

describe('the reference', () => {
  test('has every operation, shape and refusal, and no script', () => {
    const page = String(apiReference(document));
    for (const { id } of allOperations) expect(page).toContain(`id="${id}"`);
    for (const name of Object.keys(document.components.schemas)) expect(page).toContain(`id="${name}"`);
    expect(page).not.toContain('<script');
    const links = [...page.matchAll(/href="\/problems\/(\w+)"/g)].map((match) => match[1]);
    expect([...new Set(links)].filter((code) => !problemCodes.includes(code as never))).toEqual([]);
    const anchors = [...page.matchAll(/href="#(\w+)"/g)].map((match) => match[1]);
    expect(anchors.filter((id) => !page.includes(`id="${id}"`))).toEqual([]);
  });

  test.each(problemCodes)('explains the problem %s', async (code) => {
    const page = await problemPage(code)?.text();
    expect(page).toContain(`<code>${code}</code>`);
    expect(page).toContain('What to do');
  });

  test('has no page for an unknown problem', () => {
    expect(problemPage('nothing')).toBeNull();
    expect(problemPage('toString')).toBeNull();
  });
});
