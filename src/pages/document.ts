/** The HTML document of every page, and its Content-Security-Policy: nothing inline. */
import { html } from 'hono/html';

export type Html = ReturnType<typeof html>;

export interface Page {
  title: string;
  /** BCP 47. */
  locale: string;
  /** Content of `<body>`, built by `html`, which escapes inserted values. */
  body: Html;
  styles: readonly string[];
  /** Classic scripts that run before `module`. */
  scripts?: readonly string[];
  module?: string;
  head?: Html;
  /** `data-` attributes of the body, for its script. */
  data?: Readonly<Record<string, string>>;
  status?: number;
  headers?: readonly (readonly [name: string, value: string])[];
}

// Drop pictures may come from any https address.
const policy = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "connect-src 'self'",
  "img-src 'self' https: data:",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

export function htmlPage({
  title,
  locale,
  body,
  styles,
  scripts = [],
  module,
  head,
  ...more
}: Page): Response {
  const document = html`<!doctype html>
<html lang="${locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
${styles.map((href) => html`<link rel="stylesheet" href="${href}">`)}
<link rel="icon" href="data:,">
${scripts.map((src) => html`<script src="${src}" defer></script>`)}${module && html`<script type="module" src="${module}"></script>`}
${head ?? ''}
</head>
<body ${Object.entries(more.data ?? {}).map(([name, value]) => html` data-${name}="${value}"`)}>
${body}
</body>
</html>`;
  const response = new Response(String(document), {
    status: more.status ?? 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': policy,
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
    },
  });
  for (const [name, value] of more.headers ?? []) response.headers.append(name, value);
  return response;
}
