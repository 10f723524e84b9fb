/** The frame of every page that a buyer sees. */
import { html } from 'hono/html';
import { type Html, htmlPage } from './document.ts';
import type { Language } from './messages.ts';

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
  /** Seconds after which a browser without script loads the page again, by GET. */
  refreshSeconds?: number;
  /** Seconds after which the script looks whether the page has changed. */
  pollSeconds?: number | undefined;
  /** The link that leads home; the shop's own page, where nothing else is said. */
  home?: string;
}

export function shopPage({ title, body, language, now, home = '/', ...more }: ShopPage): Response {
  const { locale, messages } = language;
  return htmlPage({
    title,
    locale,
    body: html`<header><a href="${home}">${messages.shop}</a></header>
<main>${body}</main>
<footer><a href="/orders/find">${messages.find.title}</a></footer>`,
    styles: ['/assets/shop.css'],
    scripts: ['/assets/shop.js'],
    head: html`${more.refreshSeconds === undefined ? '' : html`<noscript><meta http-equiv="refresh" content="${more.refreshSeconds}"></noscript>`}`,
    data: {
      ...(now !== null && { now: new Date(now).toISOString() }),
      ...(more.pollSeconds !== undefined && { poll: String(more.pollSeconds) }),
      ...more.data,
    },
    headers: [['vary', 'accept-language'], ...(more.headers ?? [])],
    ...(more.status !== undefined && { status: more.status }),
  });
}

/** How long a reservation is kept: by script a countdown, and without it the time of its end. */
export const timeLeft = (untilMs: number, language: Language): Html =>
  html`<p>${language.messages.holdLeft}</p><p class="clock" role="timer" data-until="${new Date(untilMs).toISOString()}"><noscript>${timeOf(untilMs, language)}</noscript></p>`;

/** A time as people of this language write it. */
export const timeOf = (ms: number, { locale }: Language): string =>
  `${new Intl.DateTimeFormat(locale, {
    dateStyle: 'long',
    timeStyle: 'short',
    timeZone: 'UTC',
    hourCycle: 'h23',
  }).format(ms)} UTC`;
