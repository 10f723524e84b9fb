/** Answers unmatched requests: OPTIONS and wrong methods of known paths (RFC 9110), else 404. */
import type { Context } from 'hono';
import { TrieRouter } from 'hono/router/trie-router';
import type { RouterRoute } from 'hono/types';
import { problem } from './problem.ts';

/**
 * Excludes middleware, which Hono registers for every method, and HEAD, which it derives from GET.
 */
const listed = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);

function allowOf(methods: ReadonlySet<string>): string {
  const head = methods.has('GET') ? ['GET', 'HEAD'] : [];
  return [...head, ...[...methods].filter((method) => method !== 'GET'), 'OPTIONS'].join(', ');
}

/** `routes` are read on the first such request, so that matched requests cost nothing. */
export function answerOtherMethods(routes: () => readonly RouterRoute[]): (c: Context) => Response {
  let paths: TrieRouter<string> | null = null;
  const compile = (): TrieRouter<string> => {
    const made = new TrieRouter<string>();
    for (const { method, path } of routes()) if (listed.has(method)) made.add('ALL', path, method);
    return made;
  };
  return (c) => {
    paths ??= compile();
    const [found] = paths.match('ALL', c.req.path);
    const methods = new Set(found.map(([method]) => method));
    const { method } = c.req;
    if (methods.size === 0 || methods.has(method)) return problem('not_found');
    const allow = allowOf(methods);
    if (method === 'OPTIONS') {
      return new Response(null, { status: 204, headers: { allow, 'cache-control': 'no-store' } });
    }
    return problem('method_not_allowed', { detail: `This path allows ${allow}.`, headers: { allow } });
  };
}
