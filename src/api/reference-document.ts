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

export const referenceStyle = `:root {
  color-scheme: light dark;
  --paper: #fbfaf8; --card: #fff; --ink: #16191c; --quiet: #5a6067; --line: #dcd7cd; --accent: #0b5d3b;
}
@media (prefers-color-scheme: dark) {
  :root { --paper: #121416; --card: #1b1e21; --ink: #eeece8; --quiet: #a7adb3; --line: #34393e; --accent: #4cc38a; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.55 system-ui, sans-serif; }
header { display: flex; gap: 1.5rem; flex-wrap: wrap; padding: 1rem 1.25rem; border-bottom: 1px solid var(--line); }
header a:first-child { font-weight: 700; color: inherit; text-decoration: none; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1.25rem 4rem; }
h1 { font-size: 1.9rem; line-height: 1.2; }
h2 { margin: 3rem 0 1rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line); }
h3 { margin: 0; font-size: 1.0625rem; overflow-wrap: anywhere; }
h4 { margin: 1.25rem 0 .4rem; font-size: .9375rem; color: var(--quiet); }
a { color: var(--accent); }
nav ul { columns: 18rem; padding: 0; list-style: none; font-size: .9375rem; }
article { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: 1.1rem 1.25rem; margin: 0 0 1.25rem; scroll-margin-top: 1rem; }
code, pre { font: .875rem/1.5 ui-monospace, monospace; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: .8rem 1rem; background: var(--paper); border: 1px solid var(--line); border-radius: .4rem; }
h1 code { font-size: 1em; }
.method { display: inline-block; min-width: 3.6rem; color: var(--accent); font-weight: 700; }
.quiet { color: var(--quiet); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9375rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); }
summary { cursor: pointer; padding: .35rem 0; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
`;
