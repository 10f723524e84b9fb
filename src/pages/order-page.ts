/** The page of an order, for the browser that has its token: what it is, how long it is reserved, and what to do next. */
import { html } from 'hono/html';
import type { Drop } from '../domain/drop.ts';
import type { Order, Payment } from '../domain/order.ts';
import type { Html } from './document.ts';
import type { Language } from './messages.ts';
import { money } from './money.ts';
import { shopPage, timeOf } from './shop-document.ts';

/** Which address of a payment provider's the buyer returns by. */
export type ReturnedFrom = 'paid' | 'cancelled' | null;

export interface OwnOrder {
  order: Order;
  payments: readonly Payment[];
  drop: Drop;
  /** The public id. */
  orderId: string;
  number: string;
  /** Where the browser keeps no cookies: the forms bring the token themselves. */
  token: string | null;
}

export interface StrangerPage {
  /** The public id that was asked for. */
  orderId: string;
  language: Language;
  from: ReturnedFrom;
  /** Whether a token was tried that does not belong to this order. */
  isWrong: boolean;
  headers: readonly (readonly [name: string, value: string])[];
}

/** The same page for every id, known or not: it does not tell whether an order exists. */
export function strangerOrderPage({ orderId, language, from, isWrong, headers }: StrangerPage): Response {
  const { order, open, back } = language.messages;
  return shopPage({
    title: order,
    status: isWrong ? 403 : 200,
    headers,
    body: html`<div class="narrow"><h1>${order}</h1>
${from === null ? '' : html`<p class="notice">${open[from]}</p>`}
${isWrong ? html`<p class="notice" role="alert" id="wrong-token">${open.wrong}</p>` : ''}
<form method="post" action="/o/${orderId}${from === null ? '' : `?from=${from}`}" data-open>
<p id="hint-token">${open.explain}</p>
<label class="field" for="token">${open.label}</label>
<input id="token" name="token" type="text" autocomplete="off" autocapitalize="off" spellcheck="false" maxlength="500" required${isWrong ? html` aria-invalid="true" aria-describedby="wrong-token"` : html` aria-describedby="hint-token"`}>
<button>${open.button}</button></form>
<p><a href="/orders/find">${open.lost}</a></p>
<p><a href="/">${back}</a></p></div>`,
    language,
    now: null,
  });
}

type Shown = keyof Language['messages']['statuses'] | 'unpayable';

/** What the page says first: the order's status, and what the buyer has just done where the status is still open. */
function shownStatus({ order, payments }: OwnOrder, now: number, from: ReturnedFrom): Shown {
  const { status, holdExpiresAt, releaseReason } = order;
  if (status === 'released' && releaseReason === 'unpayable') return 'unpayable';
  if (status === 'released' && releaseReason === 'cancelled') return 'withdrawn';
  if (status === 'released' || (status === 'held' && holdExpiresAt <= now))
    return from === 'paid' ? 'late' : 'released';
  if (status !== 'held') return status;
  if (from === 'cancelled') return 'cancelled';
  if (payments.at(-1)?.status === 'declined') return 'declined';
  return from === 'paid' ? 'waiting' : 'held';
}

/** Seconds between two looks of the script; undefined where nothing more is expected soon. */
const pollSeconds: Readonly<Partial<Record<Shown, number>>> = {
  ...{ waiting: 3, late: 10, held: 10, declined: 10, cancelled: 10, refunding: 15 },
};
const reserved: ReadonlySet<Shown> = new Set(['held', 'declined', 'cancelled', 'waiting']);

function waysOn({ orderId, drop, token }: OwnOrder, shown: Shown, { messages }: Language): Html {
  if (!reserved.has(shown)) return html`<p><a href="/d/${drop.slug}">${messages.again}</a></p>`;
  // A second payment while the first one is being confirmed must take a deliberate step.
  if (shown === 'waiting') return html`<p><a href="/pay/${orderId}">${messages.payAgain}</a></p>`;
  return html`<p><a class="button" href="/pay/${orderId}">${messages.pay}</a></p>
<form method="post" action="/o/${orderId}/cancel">${token === null ? '' : html`<input type="hidden" name="token" value="${token}">`}<button class="second">${messages.cancel}</button></form>`;
}

export function orderPage(own: OwnOrder, language: Language, now: number, from: ReturnedFrom): Response {
  const { order, drop, number, token } = own;
  const { messages, locale } = language;
  const { quantity, unitPrice, holdExpiresAt, trackingCode } = order;
  const item = drop.items.find(({ id }) => id === order.itemId);
  const shown = shownStatus(own, now, from);
  const { cancelled, ...sentences } = { ...messages.statuses, unpayable: messages.payment.unpayable };
  return shopPage({
    title: messages.order,
    language,
    now,
    pollSeconds: pollSeconds[shown],
    // Without script; and without cookies a look by GET would show nothing.
    ...(pollSeconds[shown] !== undefined && token === null && { refreshSeconds: 15 }),
    body: html`<div class="narrow">
<h1>${messages.order}</h1>
<p class="lead" role="status">${shown === 'cancelled' ? cancelled(timeOf(holdExpiresAt, language)) : sentences[shown]}</p>
${reserved.has(shown) ? html`<p>${messages.holdLeft}</p><p class="clock" role="timer" data-until="${new Date(holdExpiresAt).toISOString()}"></p>` : ''}
<div class="card"><h2>${drop.title}</h2>
<dl>
<dt>${messages.number}</dt><dd>${number}</dd>
<dt>${messages.item}</dt><dd>${item?.name ?? ''} × ${quantity}</dd>
<dt>${messages.total}</dt><dd>${money(unitPrice * quantity, drop.currency, locale)}</dd>
${trackingCode === null ? '' : html`<dt>${messages.tracking}</dt><dd>${trackingCode}</dd>`}
</dl></div>
${waysOn(own, shown, language)}
</div>`,
  });
}
