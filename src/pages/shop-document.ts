/** The frame of every storefront page. */
import { html } from 'hono/html';
import { type Html, htmlPage } from './document.ts';
import type { Language } from './messages.ts';

export interface ShopPage {
  title: string;
  body: Html;
  language: Language;
  /** Server time in epoch milliseconds, for countdowns; null if nothing counts down. */
  now: number | null;
  status?: number;
  /** Data attributes for the script. */
  data?: Readonly<Record<string, string>>;
  headers?: readonly (readonly [name: string, value: string])[];
  /** Seconds until a browser without script reloads the page, by GET. */
  refreshSeconds?: number;
  /** Seconds between the script's checks for a changed page. */
  pollSeconds?: number | undefined;
  /** Target of the home link. */
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
    module: '/assets/shop.js',
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

/** Time left of a reservation: a countdown with script, the end time without. */
export const timeLeft = (untilMs: number, language: Language): Html =>
  html`<p>${language.messages.holdLeft}</p><p class="clock" role="timer" data-until="${new Date(untilMs).toISOString()}"><noscript>${timeOf(untilMs, language)}</noscript></p>`;

/** A time in UTC, in the format of the language. */
export const timeOf = (ms: number, { locale }: Language): string =>
  `${new Intl.DateTimeFormat(locale, {
    dateStyle: 'long',
    timeStyle: 'short',
    timeZone: 'UTC',
    hourCycle: 'h23',
  }).format(ms)} UTC`;
