/** The frame of every page: one document, one style sheet inside it, and the policy that lets the browser load nothing else. */
import { createHash } from 'node:crypto';
import { html, raw } from 'hono/html';

const style = `
:root { color-scheme: light dark; --ink: #14171a; --paper: #fbfaf8; --line: #d8d4cc; --accent: #0b5d3b; --quiet: #5c6369; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #eceae6; --paper: #16181a; --line: #3a3f43; --accent: #4cc38a; --quiet: #a3a9ae; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1.0625rem/1.5 system-ui, sans-serif; }
main { max-width: 30rem; margin: 0 auto; padding: 3rem 1.25rem; }
h1 { font-size: 1.5rem; line-height: 1.2; margin: 0 0 1.5rem; }
.note { border-left: 4px solid var(--accent); padding: .25rem 0 .25rem .75rem; color: var(--quiet); }
dl { display: grid; grid-template-columns: auto 1fr; gap: .5rem 1.5rem; margin: 1.5rem 0; }
dt { color: var(--quiet); }
dd { margin: 0; text-align: right; }
form, nav { display: grid; gap: .75rem; margin: 2rem 0 0; }
button { font: inherit; padding: .8rem 1rem; border: 1px solid var(--line); border-radius: .5rem; background: transparent; color: inherit; cursor: pointer; }
button.main { background: var(--accent); border-color: var(--accent); color: var(--paper); font-weight: 600; }
a.button { text-align: center; text-decoration: none; font-weight: 600; padding: .8rem 1rem; border-radius: .5rem; background: var(--accent); color: var(--paper); }
button:focus-visible, a:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
a { color: var(--accent); }
pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: 1rem; border: 1px solid var(--line); border-radius: .5rem; font-size: .875rem; }
`;

const styleHash = createHash('sha256').update(style).digest('base64');

/** A whole page. `body` must come from `html`, which escapes what is put into it. */
export function page(title: string, body: ReturnType<typeof html>, status = 200): Response {
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${raw(style)}</style>
</head>
<body><main>${body}</main></body>
</html>`;
  return new Response(String(document), {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    },
  });
}
