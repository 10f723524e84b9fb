/** Redirects a browser that opens an operator API URL to its dashboard page, or to the sign-in. */
import type { MiddlewareHandler } from 'hono';
import { SIGN_IN_RETURN_CHARACTERS_MAX } from '../limits.ts';
import { replaceResponse } from '../workarounds/replaced-response.ts';
import { prefersPage } from './accepted.ts';
import type { OperatorOperation } from './operation.ts';
import { allOperatorOperations } from './operator-operations.ts';
import { seeOther } from './see-other.ts';

/** The request headers that a redirect depends on. */
const vary = ['vary', 'accept, sec-fetch-mode'] as const;

/** API paths with a dashboard page. Others, such as the CSV, are answered after the sign-in. */
const pages = allOperatorOperations.flatMap(({ path, page }: OperatorOperation) =>
  page === undefined ? [] : [{ api: new RegExp(`^${path.replace(':id', '([^/]+)')}$`), ...page }],
);

function pageFor({ pathname, search, searchParams }: URL): string | null {
  const found = pages.find(({ api }) => api.test(pathname));
  if (!found) return null;
  const { api, path, query: known = [] } = found;
  // With a parameter that the page lacks, it would show something else.
  return [...searchParams.keys()].every((name) => known.includes(name))
    ? pathname.replace(api, path.replace(':id', '$1')) + search
    : null;
}

/**
 * Redirects navigations only: programs do not send `Sec-Fetch-Mode: navigate`. A request with a
 * token gets the API's answer.
 */
export const openedByBrowser: MiddlewareHandler = async function openedByBrowser(c, next) {
  const isOpened =
    c.req.method === 'GET' &&
    c.req.header('sec-fetch-mode') === 'navigate' &&
    prefersPage(c.req.header('accept'));
  if (!isOpened || c.req.header('authorization') !== undefined) return next();
  const url = new URL(c.req.url);
  const page = pageFor(url);
  if (page !== null) return seeOther(page, [vary]);
  await next();
  const to = url.pathname + url.search;
  if (c.res.status !== 401 || to.length > SIGN_IN_RETURN_CHARACTERS_MAX) return;
  replaceResponse(c, seeOther(`/admin/sign-in?${new URLSearchParams({ to })}`, [vary]));
};
