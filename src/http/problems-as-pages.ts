/** Shows problems as pages to browsers that navigate; other clients get problem+json. */
import type { MiddlewareHandler } from 'hono';
import type { ProblemKind } from '../pages/messages.ts';
import { adminProblemPage, problemPage } from '../pages/problem-page.ts';
import { replaceResponse } from '../workarounds/replaced-response.ts';
import { prefersPage } from './accepted.ts';
import { languageOf } from './language.ts';
import { codeOf, markedWith, type ProblemCode } from './problem.ts';

const kindByCode: Readonly<Partial<Record<ProblemCode, ProblemKind>>> = {
  outcome_unknown: 'unknown',
  no_provider: 'noProvider',
};
const kindByStatus: Readonly<Record<number, ProblemKind>> = {
  401: 'refused',
  403: 'refused',
  404: 'missing',
  405: 'missing',
  409: 'conflict',
  429: 'tooMany',
  500: 'broken',
  503: 'unavailable',
};
const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST']);
/** Headers that the page sets itself. */
const replaced: ReadonlySet<string> = new Set(['content-type', 'content-length', 'cache-control', 'vary']);

export const problemsAsPages: MiddlewareHandler = async function problemsAsPages(c, next) {
  await next();
  const problem = c.res;
  const code = problem.status < 400 ? undefined : codeOf(problem);
  if (code === undefined || !methods.has(c.req.method) || !prefersPage(c.req.header('accept'))) return;
  // Last, because on Node an answer whose headers are read costs a third more to send.
  // A page in place of a problem has the code too: in nested applications, the inner one made it.
  if (problem.headers.get('content-type') !== 'application/problem+json') return;
  const { status } = problem;
  const headers = [...problem.headers].filter(([name]) => !replaced.has(name));
  const shown = {
    status,
    code,
    headers: [...headers, ['vary', 'accept'] as const],
    kind: kindByCode[code] ?? kindByStatus[status] ?? 'unreadable',
  };
  const isOperator = c.req.path === '/admin' || c.req.path.startsWith('/admin/');
  const page = isOperator
    ? adminProblemPage(shown, ((await problem.json()) as { detail: string }).detail)
    : problemPage(shown, languageOf(c));
  replaceResponse(c, markedWith(page, code));
};
