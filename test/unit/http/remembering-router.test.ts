/** The router finds what Hono's own finds, and keeps a list for literal paths only. */
import { TrieRouter } from 'hono/router/trie-router';
import { expect, test } from 'vitest';
import { createApp } from '../../../src/app.ts';
import { RememberingRouter } from '../../../src/http/remembering-router.ts';
import { createIds } from '../../../src/ids/ids.ts';
import { appDeps } from '../../support/app-deps.ts';

const db = { read: {}, snapshot: { onChange: () => () => undefined } };
const ids = createIds('a-secret-of-thirty-two-characters');
const { routes } = createApp(appDeps({ db: db as never, ids, corsOrigins: ['*'] }));

function openRouters() {
  const [ours, honos] = [new RememberingRouter<string>(), new TrieRouter<string>()];
  for (const [index, { method, path }] of routes.entries()) {
    for (const router of [ours, honos]) router.add(method, path, `${index} ${method} ${path}`);
  }
  return { ours, honos };
}

test('every path matches the same routes, the first time and again', () => {
  const { ours, honos } = openRouters();
  const paths = routes.map(({ path }) =>
    path.replaceAll('*', 'some/where').replaceAll(/:\w+(?:\{.*\})?/g, 'a1'),
  );
  for (const path of [...paths, ...paths, '/nowhere']) {
    for (const method of ['GET', 'POST', 'PATCH', 'OPTIONS', 'TRACE']) {
      expect(ours.match(method, path), `${method} ${path}`).toEqual(honos.match(method, path));
    }
  }
});

test('only the match list of a literal path is cached', () => {
  const { ours } = openRouters();
  for (const path of ['/purchase', '/orders/find', '/drops', '/']) {
    expect(ours.match('GET', path)).toBe(ours.match('GET', path));
  }
  for (const [method, path] of [
    ['GET', '/drops/a'],
    ['GET', '/nowhere'],
    ['GET', '/admin/*'],
    ['BREW', '/drops'],
  ] as const) {
    expect(ours.match(method, path)).not.toBe(ours.match(method, path));
  }
});

test('a route that is added later is found', () => {
  const { ours } = openRouters();
  expect(ours.match('GET', '/drops')[0].map(([route]) => route)).not.toContain('late');
  ours.add('GET', '/drops', 'late');
  expect(ours.match('GET', '/drops')[0].map(([route]) => route)).toContain('late');
});
