/** Redirects a browser that opens an operator API URL to its dashboard page, or to the sign-in. */
import type { MiddlewareHandler } from 'hono';
import { SIGN_IN_RETURN_CHARACTERS_MAX } from '../limits.ts';
import { prefersPage } from './accepted.ts';

interface Page {
  api: RegExp;
  page: string;
  /** Parameters that the page supports; with others it would show something else. */
  known?: readonly string[];
}

/** API paths with a dashboard page. Others, such as the CSV, are answered after the sign-in. */
const pages: readonly Page[] = [
  { api: /^\/admin\/orders$/, page: '/admin/ui/orders', known: ['dropId', 'status', 'dispute', 'cursor'] },
  { api: /^\/admin\/refunds$/, page: '/admin/ui/refunds', known: ['status', 'cursor'] },
  // `new` is the name of a dashboard page.
  { api: /^\/admin\/(orders|drops)\/(?!new$)([^/]+)$/, page: '/admin/ui/$1/$2' },
  { api: /^\/admin\/drops\/([^/]+)\/audit$/, page: '/admin/ui/drops/$1/certificate' },
  { api: /^\/admin\/subscribers$/, page: '/admin/ui/webhooks' },
  { api: /^\/admin\/drops$/, page: '/admin' },
];

function pageFor({ pathname, search, searchParams }: URL): string | null {
  const found = pages.find(({ api }) => api.test(pathname));
  if (!found) return null;
  const { api, page, known = [] } = found;
  return [...searchParams.keys()].every((name) => known.includes(name))
    ? pathname.replace(api, page) + search
    : null;
}

const seeOther = (location: string): Response =>
  new Response(null, {
    status: 303,
    headers: { location, vary: 'accept, sec-fetch-mode', 'cache-control': 'no-store' },
  });

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
  if (page !== null) return seeOther(page);
  await next();
  const to = url.pathname + url.search;
  if (c.res.status !== 401 || to.length > SIGN_IN_RETURN_CHARACTERS_MAX) return;
  // Without this, Hono would copy the refusal's headers over those of the redirect.
  c.res = undefined;
  c.res = seeOther(`/admin/sign-in?${new URLSearchParams({ to })}`);
};
