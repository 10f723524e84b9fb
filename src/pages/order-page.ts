/** The page of an order, for the browser that holds its token: what it is, how long it is held, and what to do next. */
import { html } from 'hono/html';
import type { Drop } from '../domain/drop.ts';
import type { Order } from '../domain/order.ts';
import type { Language } from './messages.ts';
import { money } from './money.ts';
import { shopPage } from './shop-document.ts';

/** The same page for every id, known or not: it tells nobody whether an order exists. */
export const strangerOrderPage = (language: Language): Response =>
  shopPage({
    title: language.messages.order,
    body: html`<div class="narrow"><h1>${language.messages.order}</h1><p>${language.messages.lostToken}</p>
<p><a href="/">${language.messages.back}</a></p></div>`,
    language,
    now: null,
  });

/** `orderId` is the public one. */
export function orderPage(
  { order, drop, orderId, number }: { order: Order; drop: Drop; orderId: string; number: string },
  language: Language,
  now: number,
): Response {
  const { messages, locale } = language;
  const { status, quantity, unitPrice, holdExpiresAt, trackingCode } = order;
  const item = drop.items.find(({ id }) => id === order.itemId);
  const isHeld = status === 'held' && holdExpiresAt > now;
  const shown = status === 'held' && !isHeld ? 'released' : status;
  return shopPage({
    title: messages.order,
    language,
    now,
    ...(isHeld || status === 'refunding' ? { refreshSeconds: 15 } : {}),
    body: html`<div class="narrow">
<h1>${messages.order}</h1>
<p class="lead" role="status">${order.releaseReason === 'unpayable' ? messages.payment.unpayable : messages.statuses[shown]}</p>
${isHeld ? html`<p>${messages.holdLeft}</p><p class="clock" role="timer" data-until="${new Date(holdExpiresAt).toISOString()}"></p>` : ''}
<div class="card"><h2>${drop.title}</h2>
<dl>
<dt>${messages.number}</dt><dd>${number}</dd>
<dt>${messages.item}</dt><dd>${item?.name ?? ''} × ${quantity}</dd>
<dt>${messages.total}</dt><dd>${money(unitPrice * quantity, drop.currency, locale)}</dd>
${trackingCode === null ? '' : html`<dt>${messages.tracking}</dt><dd>${trackingCode}</dd>`}
</dl></div>
${
  isHeld
    ? html`<p><a class="button" href="/pay/${orderId}">${messages.pay}</a></p>
<form method="post" action="/o/${orderId}/cancel"><button class="second">${messages.cancel}</button></form>`
    : html`<p><a href="/d/${drop.slug}">${messages.again}</a></p>`
}
</div>`,
  });
}
