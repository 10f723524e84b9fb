/** The frame of developer pages: the API reference and the problem pages. */
import { html } from 'hono/html';
import { type Html, htmlPage } from '../pages/document.ts';

export const referencePage = (title: string, body: Html, status = 200): Response =>
  htmlPage({
    title: `${title} · Stampede`,
    locale: 'en',
    status,
    styles: ['/assets/reference.css'],
    body: html`<header><a href="/docs">Stampede API</a> <a href="/problems">Problems</a> <a href="/openapi.json">openapi.json</a></header>
<main>${body}</main>`,
  });
