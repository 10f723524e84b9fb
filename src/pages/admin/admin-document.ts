/** The frame of every operator page: navigation, the signed-in operator and notices. */
import { html } from 'hono/html';
import { type Html, htmlPage } from '../document.ts';
import { csrfField } from './form-fields.ts';
import { noticeOf } from './notices.ts';
import type { Operation, RefusalView, Viewer } from './views.ts';

const sections: readonly { href: string; name: string; shows: Operation | null }[] = [
  { href: '/admin', name: 'Overview', shows: null },
  { href: '/admin/ui/new-drop', name: 'New drop', shows: 'createDrop' },
  { href: '/admin/ui/orders', name: 'Orders', shows: 'listOrders' },
  { href: '/admin/ui/refunds', name: 'Refunds', shows: 'listRefunds' },
  { href: '/admin/ui/webhooks', name: 'Webhooks', shows: 'listSubscribers' },
  { href: '/admin/ui/customers', name: 'Customers', shows: 'eraseCustomer' },
];

export interface AdminPage {
  viewer: Viewer;
  title: string;
  /** The `href` of the section that the page belongs to. */
  section: string;
  body: Html;
  refusal?: RefusalView | null | undefined;
  /** Read by the page's script; a page without it does not update. */
  data?: Readonly<Record<string, string>>;
}

/** Sentences for problems whose API wording addresses programs. */
const sentences: Readonly<Record<string, string>> = {
  overloaded: 'The server is overloaded. Nothing was changed. Try again.',
  stopping: 'The server is shutting down. Nothing was changed. Try again.',
  outcome_unknown: 'The outcome is unknown. Submit the form again; it takes effect only once.',
  key_reused: 'This form was already submitted with other values. Check the page, then submit it again.',
};

/** Numbers item rows from 1. */
const fieldNameOf = (path: string): string =>
  path.replace(/^items\.(\d+)\.(\w+)$/, (_, row, name) => `item ${Number(row) + 1}, ${name}`);

/** Lists all invalid fields at the top of the page; each field shows its own error as well. */
const alertOf = ({ code, detail, errors }: RefusalView): Html =>
  html`<div class="alert" role="alert"><p><strong>Not done.</strong> ${sentences[code] ?? (errors.length === 0 ? detail : '')} <a href="/problems/${code}"><code>${code}</code></a></p>
${errors.length === 0 ? '' : html`<ul>${errors.map(({ path, message }) => html`<li>${path === '' ? '' : html`<strong>${fieldNameOf(path)}</strong>: `}${message}</li>`)}</ul>`}</div>`;

export function adminPage({ viewer, title, section, body, refusal, data }: AdminPage): Response {
  const notice = noticeOf(viewer.done, viewer.count);
  const link = ({ href, name }: (typeof sections)[number]) =>
    html`<li><a href="${href}"${href === section ? html` aria-current="page"` : ''}>${name}</a></li>`;
  return htmlPage({
    title: `${title} · Stampede`,
    locale: 'en',
    status: refusal?.status ?? 200,
    styles: ['/assets/admin.css', ...(data ? ['/assets/uplot.css'] : [])],
    ...(data && { scripts: ['/assets/uplot.js'], module: '/assets/admin.js' }),
    ...(data && { data: viewer.isEdge ? { ...data, edge: 'yes' } : data }),
    body: html`<a class="skip" href="#main">Skip to content</a>
<header class="top">
<a class="mark" href="/admin">Stampede</a>
<nav aria-label="Sections"><ul>${sections.filter(({ shows }) => shows === null || viewer.may(shows)).map(link)}</ul></nav>
<form class="who" method="post" action="/admin/sign-out">${csrfField(viewer)}<span>${viewer.actor}</span> <button class="plain">Sign out</button></form>
</header>
<main id="main">
${notice === null ? '' : html`<p class="notice" role="status">${notice}</p>`}
${refusal ? alertOf(refusal) : ''}
${body}
</main>`,
  });
}

/** The page shown when the API refuses the request for its content. */
export const refusedPage = (viewer: Viewer, section: string, refusal: RefusalView): Response =>
  adminPage({
    viewer,
    section,
    title: refusal.status === 404 ? 'Not found' : 'Not available',
    refusal,
    body: html`<h1>${refusal.status === 404 ? 'Not found' : 'This page is not available'}</h1>
<p><a href="/admin">Back to overview</a></p>`,
  });
