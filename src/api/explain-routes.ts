/** GET /openapi.json, /docs and /problems: the API, explained by the server that answers it. */
import { Hono } from 'hono';
import { asset } from '../http/asset.ts';
import type { Deps } from '../http/deps.ts';
import { problem } from '../http/problem.ts';
import { openApiDocument } from './document.ts';
import { problemListPage, problemPage } from './problem-pages.ts';
import { referenceStyle } from './reference-document.ts';
import { apiReferencePage } from './reference-page.ts';

export function explainRoutes({ version, publicUrl }: Pick<Deps, 'version' | 'publicUrl'>) {
  return new Hono()
    .get(
      '/openapi.json',
      () =>
        new Response(JSON.stringify(openApiDocument(version, publicUrl())), {
          headers: {
            'content-type': 'application/json',
            'cache-control': 'public, max-age=300',
            // Pages of other sites may read it, as documentation tools do.
            'access-control-allow-origin': '*',
          },
        }),
    )
    .get('/docs', () => apiReferencePage(openApiDocument(version, publicUrl())))
    .get('/problems', () => problemListPage())
    .get('/problems/:code', (c) => problemPage(c.req.param('code')) ?? problem('not_found'))
    .get('/assets/reference.css', () => asset(referenceStyle, 'text/css'));
}
