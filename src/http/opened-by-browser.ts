/** Leads a browser that opens an address of the operator's API to the dashboard: to the page for it, or to the sign-in. */
import type { MiddlewareHandler } from 'hono';
import { prefersPage } from './accepted.ts';
import { isLook } from './admin-auth.ts';

/** The dashboard shows what these addresses answer. All others, such as the CSV, are answered once the operator is signed in. */
const pages: readonly (readonly [api: RegExp, page: string])[] = [
  [/^\/admin\/(orders|drops)\/([^/]+)$/, '/admin/ui/$1/$2'],
  [/^\/admin\/(orders|refunds)$/, '/admin/ui/$1'],
  [/^\/admin\/drops\/([^/]+)\/audit$/, '/admin/ui/drops/$1/certificate'],
  [/^\/admin\/followers$/, '/admin/ui/webhooks'],
  [/^\/admin\/drops$/, '/admin'],
];

const seeOther = (location: string): Response =>
  new Response(null, { status: 303, headers: { location, vary: 'accept', 'cache-control': 'no-store' } });

/** Programs never ask for a page, and a request with a token is judged by the token. */
export const openedByBrowser: MiddlewareHandler = async function openedByBrowser(c, next) {
  const isOpened = isLook(c.req) && prefersPage(c.req.header('accept'));
  if (!isOpened || c.req.header('authorization') !== undefined) return next();
  const { pathname, search } = new URL(c.req.url);
  const [api, page] = pages.find(([path]) => path.test(pathname)) ?? [];
  if (api && page) return seeOther(pathname.replace(api, page) + search);
  await next();
  if (c.res.status !== 401) return;
  // Without this Hono would copy the headers of the refusal over those of the redirection.
  c.res = undefined;
  c.res = seeOther(`/admin/sign-in?${new URLSearchParams({ to: pathname + search })}`);
};
