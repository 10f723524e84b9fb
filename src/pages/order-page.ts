/** The page of an order, for browsers with its token: status, time left and the next step. */
import { html } from 'hono/html';
import type { Drop } from '../domain/drop.ts';
import { namedItems } from '../domain/named-items.ts';
import type { Order, Payment, Refund } from '../domain/order.ts';
import type { Html } from './document.ts';
import { findForm } from './find-orders-page.ts';
import type { Language } from './messages.ts';
import { money } from './money.ts';
import { shopPage, timeLeft, timeOf } from './shop-document.ts';

/** The outcome with which the buyer returned from the payment provider. */
export type ReturnedFrom = 'paid' | 'declined' | 'cancelled' | null;

export interface OwnOrder {
  order: Order;
  payments: readonly Payment[];
  refunds: readonly Refund[];
  /** Whether an open checkout may still be paid. */
  mayBePaid: boolean;
  drop: Drop;
  /** Public id. */
  orderId: string;
  number: string;
  /** Set if the browser keeps no cookies: forms and the order's link then carry the token. */
  token: string | null;
  /** Whether the payment page keeps the URL fragment, as the sandbox's does. */
  isSandbox: boolean;
}

export interface OrderPage {
  language: Language;
  now: number;
  from: ReturnedFrom;
  /** Set if the page answers a POST that failed. */
  failed?: { status: number; kind: 'unavailable' | 'unknown' };
}

export interface StrangerPage {
  /** Public id from the URL. */
  orderId: string;
  language: Language;
  from: ReturnedFrom;
  /** Whether a token was submitted that does not belong to this order. */
  isWrong: boolean;
  /** Whether the shop sends e-mail, which contains the link. */
  hasMail: boolean;
  headers: readonly (readonly [name: string, value: string])[];
}

/**
 * The page for visitors without the order's token. It is the same for every id, so that it does not
 * reveal whether an order exists.
 */
export function strangerOrderPage(page: StrangerPage): Response {
  const { orderId, language, from, isWrong, hasMail, headers } = page;
  const { order, open, back } = language.messages;
  return shopPage({
    title: order,
    status: isWrong ? 403 : 200,
    headers,
    body: html`<div class="narrow"><h1>${order}</h1>
${from === null ? '' : html`<p class="notice" role="status">${open[from]} ${open.noCookie}${hasMail && from === 'paid' ? ` ${open.mailed}` : ''} ${open.elsewhere}</p>`}
${isWrong ? html`<p class="notice" role="alert" id="wrong-token">${open.wrong}</p>` : ''}
<form method="post" action="/o/${orderId}${from === null ? '' : `?from=${from}`}" data-open>
<p id="hint-token">${open.explain}</p>
<noscript><p>${open.address}</p></noscript>
<label class="field" for="token">${open.label}</label>
<input id="token" name="token" type="text" autocomplete="off" autocapitalize="off" spellcheck="false" maxlength="500" required${isWrong ? html` aria-invalid="true" aria-describedby="wrong-token"` : html` aria-describedby="hint-token"`}>
<button>${open.button}</button></form>
${hasMail ? html`<section aria-labelledby="again"><h2 id="again">${open.mailAgain}</h2>${findForm(language)}</section>` : html`<p><a href="/orders/find">${open.lost}</a></p>`}
<p><a href="/">${back}</a></p></div>`,
    language,
    now: null,
  });
}

type Shown = keyof Language['messages']['statuses'] | 'unpayable';

/** The status shown first: the order's own, and while it is open, how the buyer returned. */
function shownStatus({ order, payments, mayBePaid }: OwnOrder, now: number, from: ReturnedFrom): Shown {
  const { status, holdExpiresAt, releaseReason } = order;
  const isOver = status === 'released' || (status === 'held' && holdExpiresAt <= now);
  // A payment may be on its way: the page must not say that nothing was charged.
  if (isOver && mayBePaid) return 'late';
  if (status === 'released' && releaseReason === 'unpayable') return 'unpayable';
  if (status === 'released' && releaseReason === 'cancelled') return 'withdrawn';
  if (isOver) return from === 'paid' ? 'late' : 'released';
  if (status !== 'held') return status;
  if (from === 'cancelled') return 'cancelled';
  if (payments.at(-1)?.status === 'declined') return 'declined';
  return from === 'paid' ? 'waiting' : 'held';
}

/** Seconds between two polls by the script; undefined if no change is expected soon. */
const pollSeconds: Readonly<Partial<Record<Shown, number>>> = {
  waiting: 3,
  late: 10,
  held: 10,
  declined: 10,
  cancelled: 10,
  refunding: 15,
  // A payment can still arrive after the hold.
  released: 15,
  withdrawn: 15,
};
/** How long after the end of a hold the page still polls for a late payment. */
const LATE_PAYMENT_MS = 600_000;
const reserved: ReadonlySet<Shown> = new Set(['held', 'declined', 'cancelled', 'waiting']);

function waysOn({ orderId, drop, token, isSandbox }: OwnOrder, shown: Shown, { messages }: Language): Html {
  if (!reserved.has(shown)) return html`<p><a href="/d/${drop.slug}">${messages.again}</a></p>`;
  // Without cookies this tab is the only way back, so the payment opens in a new tab. Real
  // providers never receive the token.
  const pay = `/pay/${orderId}${token !== null && isSandbox ? `#${token}` : ''}`;
  const target = token === null ? '' : html` target="_blank"`;
  // A second payment while the first one is being confirmed must take a deliberate step.
  if (shown === 'waiting') return html`<p><a href="${pay}"${target}>${messages.payAgain}</a></p>`;
  return html`<p><a class="button" href="${pay}"${target}>${messages.pay}</a></p>
<form method="post" action="/o/${orderId}/cancel">${token === null ? '' : html`<input type="hidden" name="token" value="${token}">`}<button class="second">${messages.cancel}</button></form>`;
}

/**
 * Lists each refund with its amount, because a partly refunded order stays paid. Skips refunds of
 * 0, which another refund covers.
 */
const refundRows = (refunds: readonly Refund[], { messages, locale }: Language) =>
  refunds.map(({ status, amount, currency }) => {
    if (amount === 0) return '';
    const isDone = status === 'sent' || status === 'settled';
    return html`<dt>${isDone ? messages.refunded : messages.refunding}</dt><dd>${money(amount, currency, locale)}</dd>`;
  });

export function orderPage(own: OwnOrder, { language, now, from, failed }: OrderPage): Response {
  const { order, drop, orderId, number, token, refunds } = own;
  const { messages, locale } = language;
  const { total, holdExpiresAt, trackingCode } = order;
  const shown = shownStatus(own, now, from);
  const { cancelled, ...sentences } = { ...messages.statuses, unpayable: messages.payment.unpayable };
  const isClosed = shown === 'released' || shown === 'withdrawn';
  const poll = isClosed && now > holdExpiresAt + LATE_PAYMENT_MS ? undefined : pollSeconds[shown];
  return shopPage({
    title: messages.order,
    language,
    now,
    status: failed?.status ?? 200,
    pollSeconds: poll,
    // For the script: the URL for reloads and polls if this page answers a POST.
    data: { order: `/o/${orderId}`, ...(token !== null && { token }) },
    // For browsers without script. Without cookies, a GET would show nothing.
    ...(poll !== undefined && token === null && !failed && { refreshSeconds: 15 }),
    body: html`<div class="narrow">
<h1>${messages.order}</h1>
${failed ? html`<p class="notice" role="alert">${messages.problems[failed.kind].join('. ')}</p>` : ''}
<p class="lead" role="status">${shown === 'cancelled' ? cancelled(timeOf(holdExpiresAt, language)) : sentences[shown]}</p>
${reserved.has(shown) ? timeLeft(holdExpiresAt, language) : ''}
${token === null ? '' : html`<p class="notice">${messages.keepLink} <a class="own" href="/o/${orderId}#${token}">${messages.ownLink}</a></p>`}
<div class="card"><h2>${drop.title}</h2>
<dl>
<dt>${messages.number}</dt><dd class="whole">${number}</dd>
${namedItems(order, drop).map(({ name, quantity }) => html`<dt>${messages.item}</dt><dd>${name} × ${quantity}</dd>`)}
<dt>${messages.total}</dt><dd>${money(total, drop.currency, locale)}</dd>
${refundRows(refunds, language)}
${trackingCode === null ? '' : html`<dt>${messages.tracking}</dt><dd>${trackingCode}</dd>`}
</dl></div>
${waysOn(own, shown, language)}
</div>`,
  });
}
