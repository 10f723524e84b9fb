/** Pages before a payment: the choice of a provider, and why an order can't be paid. */
import { html } from 'hono/html';
import type { NamedItem } from '../domain/named-items.ts';
import type { OrderStatus, ReleaseReason } from '../domain/order.ts';
import type { Html } from './document.ts';
import type { Language } from './messages.ts';
import { money } from './money.ts';
import { shopPage, timeLeft } from './shop-document.ts';

export interface PayableUnits {
  /** The order's public id. */
  ref: string;
  /** The order's number, for humans. */
  number: string;
  title: string;
  items: readonly NamedItem[];
  /** Minor units. */
  amount: number;
  currency: string;
}

/** An order that can no longer be paid. */
interface ClosedOrder {
  ref: string;
  status: OrderStatus;
  releaseReason: ReleaseReason | null;
}

/** What the buyer pays for. */
export const payableList = (
  { number, title, items, amount, currency }: PayableUnits,
  { messages, locale }: Language,
  more: Html | string = '',
): Html => html`<dl>
<dt>${messages.drop}</dt><dd>${title}</dd>
${items.map(({ name, quantity }) => html`<dt>${messages.item}</dt><dd>${name} × ${quantity}</dd>`)}
<dt>${messages.number}</dt><dd class="whole">${number}</dd>
<dt>${messages.total}</dt><dd>${money(amount, currency, locale)}</dd>
${more}
</dl>`;

export function payChoicePage(
  order: PayableUnits,
  providers: readonly string[],
  language: Language,
): Response {
  const { how, labels } = language.messages.payment;
  const label = (name: string): string => (labels as Readonly<Record<string, string>>)[name] ?? name;
  return shopPage({
    title: how,
    language,
    now: null,
    // Links instead of a form: the Content-Security-Policy allows forms to this site only.
    body: html`<div class="narrow"><h1>${how}</h1>
${payableList(order, language)}
<nav class="choices">
${providers.map((name) => html`<a class="button" href="/pay/${order.ref}?with=${name}">${label(name)}</a>`)}
</nav></div>`,
  });
}

/** The order is paid already, or was released. */
export function payClosedPage({ ref, status, releaseReason }: ClosedOrder, language: Language): Response {
  const { nothing, timeOver, paidAlready, seeOrder, unpayable } = language.messages.payment;
  const isOver = status === 'held' || status === 'released';
  const reason = releaseReason === 'unpayable' ? unpayable : timeOver;
  return shopPage({
    title: nothing,
    language,
    now: null,
    status: 410,
    body: html`<div class="narrow"><h1>${nothing}</h1>
<p>${isOver ? reason : paidAlready}</p>
<p><a href="/o/${ref}">${seeOrder}</a></p></div>`,
  });
}

/** The provider is unavailable; the reservation and its countdown continue. */
export function payUnavailablePage(
  order: PayableUnits & { holdExpiresAt: number },
  language: Language,
  now: number,
): Response {
  const { away, tryAgain, unavailable, seeOrder } = language.messages.payment;
  return shopPage({
    title: away,
    language,
    now,
    status: 503,
    body: html`<div class="narrow"><h1>${away}</h1>
<p>${unavailable}</p>
${timeLeft(order.holdExpiresAt, language)}
${payableList(order, language)}
<p><a class="button" href="/pay/${order.ref}">${tryAgain}</a></p>
<p><a href="/o/${order.ref}">${seeOrder}</a></p></div>`,
  });
}
