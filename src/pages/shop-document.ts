/** The frame of every page of the storefront, and the policy under which a browser shows it. */
import { html } from 'hono/html';
import type { Language } from './messages.ts';

type Html = ReturnType<typeof html>;

export interface ShopPage {
  title: string;
  body: Html;
  language: Language;
  /** Epoch milliseconds of the server, which the countdowns go by; null where nothing counts down. */
  now: number | null;
  status?: number;
  /** For the script: the stock to listen to, and what else it must know. */
  data?: Readonly<Record<string, string>>;
  headers?: readonly (readonly [name: string, value: string])[];
  /** Seconds after which a browser without script asks anew. */
  refreshSeconds?: number;
}

// Nothing inline: style and script are files of ours, and pictures may come from anywhere by https.
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

/** A whole page. `body` must come from `html`, which escapes what is put into it. */
export function shopPage({ title, body, language, now, ...more }: ShopPage): Response {
  const { locale, messages } = language;
  const attributes = Object.entries({
    ...(now !== null && { now: new Date(now).toISOString() }),
    ...more.data,
  });
  const document = html`<!doctype html>
<html lang="${locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="stylesheet" href="/assets/shop.css">
<link rel="icon" href="data:,">
<script src="/assets/shop.js" defer></script>
${more.refreshSeconds === undefined ? '' : html`<noscript><meta http-equiv="refresh" content="${more.refreshSeconds}"></noscript>`}
</head>
<body ${attributes.map(([name, value]) => html` data-${name}="${value}"`)}>
<header><a href="/">${messages.shop}</a></header>
<main>${body}</main>
</body>
</html>`;
  const response = new Response(String(document), {
    status: more.status ?? 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      vary: 'accept-language',
      'content-security-policy': policy,
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
    },
  });
  for (const [name, value] of more.headers ?? []) response.headers.append(name, value);
  return response;
}

/** A time as people of this language write it. */
export const timeOf = (ms: number, { locale }: Language): string =>
  `${new Intl.DateTimeFormat(locale, {
    dateStyle: 'long',
    timeStyle: 'short',
    timeZone: 'UTC',
    hourCycle: 'h23',
  }).format(ms)} UTC`;
