/** GET /openapi.json, /docs and /problems: the API's description of itself. */
import { Hono } from 'hono';
import type { Deps } from '../http/deps.ts';
import { pageFileRoutes } from '../http/page-file-routes.ts';
import { problem } from '../http/problem.ts';
import { openApiDocument } from './document.ts';
import { problemListPage, problemPage } from './problem-pages.ts';
import { referencePage } from './reference-document.ts';
import { apiReference } from './reference-page.ts';

function explain(version: string, publicUrl: string) {
  const document = openApiDocument(version, publicUrl);
  return { version, publicUrl, json: JSON.stringify(document), reference: apiReference(document) };
}

let explained: ReturnType<typeof explain> | null = null;

/** The document and its reference page. Building takes milliseconds, so only the latest is kept. */
export function explanation(version: string, publicUrl: string): ReturnType<typeof explain> {
  if (explained?.version !== version || explained.publicUrl !== publicUrl)
    explained = explain(version, publicUrl);
  return explained;
}

export function explainRoutes({
  version,
  publicUrl,
  pageFiles,
}: Pick<Deps, 'version' | 'publicUrl' | 'pageFiles'>) {
  return new Hono()
    .get(
      '/openapi.json',
      () =>
        new Response(explanation(version, publicUrl()).json, {
          headers: {
            'content-type': 'application/json',
            'cache-control': 'public, max-age=300',
            // Documentation tools on other sites may read it.
            'access-control-allow-origin': '*',
          },
        }),
    )
    .get('/docs', () => referencePage('API', explanation(version, publicUrl()).reference))
    .get('/problems', () => problemListPage())
    .get('/problems/:code', (c) => problemPage(c.req.param('code')) ?? problem('not_found'))
    .route('/', pageFileRoutes(pageFiles, ['reference.css']));
}
