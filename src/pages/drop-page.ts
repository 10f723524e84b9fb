/** The page of one drop: description, opening time, available units and the reservation form. */
import { html } from 'hono/html';
import { availableUnits, type Drop, type Item, phaseOf } from '../domain/drop.ts';
import { EMAIL_CHARACTERS_MAX, NAME_CHARACTERS_MAX, QUANTITY_PER_ORDER_MAX } from '../limits.ts';
import { plural } from './counted.ts';
import type { Language, Messages } from './messages.ts';
import { money } from './money.ts';
import { shopPage, timeOf } from './shop-document.ts';

/** A refused purchase, shown again so that the buyer need not retype it. */
export interface Attempt {
  refusal: keyof Messages['refusals'];
  fields: ReadonlySet<keyof Messages['fields']>;
  sku: string;
  quantity: string;
  email: string;
  name: string;
}

export interface DropPage {
  drop: Drop;
  language: Language;
  now: number;
  /** Idempotency-Key of this buyer's next purchase; unchanged until a purchase succeeds. */
  key: string;
  attempt: Attempt | null;
  status?: number;
  /** Most units whose total a payment provider can charge. */
  unitsPayable: number;
  /** Public id of this browser's unpaid reservation of this drop. */
  openOrder: string | null;
  /** Whether live stock arrives over WebSockets instead of server-sent events. */
  isSocket: boolean;
  headers: readonly (readonly [string, string])[];
}

/** Whether the reason for the refusal has passed, so that the form is shown without it. */
function isOver({ refusal, sku, quantity }: Attempt, drop: Drop, now: number): boolean {
  const phase = phaseOf(drop, now);
  if (refusal === 'not_started') return phase !== 'scheduled';
  if (refusal === 'paused') return phase !== 'paused';
  const item = drop.items.find((one) => one.sku === sku);
  return refusal === 'sold_out' && item !== undefined && availableUnits(item) >= Number(quantity);
}

/**
 * Why the form was refused, with the limit's figure, because a first purchase can exceed it too.
 */
const refusalText = ({ refusal }: Attempt, { perCustomer }: Drop, { messages }: Language): string =>
  refusal === 'limit_reached' && perCustomer !== null
    ? `${messages.refusals.limit_reached} ${messages.atMost(perCustomer)}`
    : messages.refusals[refusal];

function leftOf(item: Item, { locale, messages }: Language): string {
  const units = availableUnits(item);
  if (units > 0) return plural(locale, units, messages.left);
  return item.held > 0 ? messages.allReserved : messages.none;
}

function buyForm({ drop, language, key, attempt, unitsPayable }: DropPage, isOpen: boolean) {
  const { messages, locale } = language;
  const chosen = attempt?.sku ?? (drop.items.length === 1 ? drop.items[0]?.sku : undefined);
  const limit = Math.min(drop.perCustomer ?? QUANTITY_PER_ORDER_MAX, QUANTITY_PER_ORDER_MAX);
  const most = Math.max(1, Math.min(limit, unitsPayable));
  const mistake = (field: keyof Messages['fields']) =>
    attempt?.fields.has(field)
      ? html`<p class="notice" id="wrong-${field}">${messages.fields[field].replace('%', String(most))}</p>`
      : '';
  const describedBy = (field: keyof Messages['fields']) =>
    attempt?.fields.has(field) ? html` aria-invalid="true" aria-describedby="wrong-${field}"` : '';
  const choice = (item: Item) => html`<label class="item" data-sku="${item.sku}">
<input type="radio" name="sku" value="${item.sku}" required ${item.sku === chosen ? 'checked' : ''} ${isOpen && availableUnits(item) > 0 ? '' : 'disabled'}>
<span>${item.name}<small>${leftOf(item, language)}</small></span>
<b>${money(item.price, drop.currency, locale)}</b>
</label>`;
  /** Typed values, for the script to restore with the form; without cookies the server can't. */
  const kept = (name: 'quantity' | 'email' | 'name') =>
    attempt ? html`<input type="hidden" name="${name}" value="${attempt[name]}">` : '';
  return html`<form method="post" action="/d/${drop.slug}" data-buy>
<fieldset><legend>${messages.choose}</legend>${mistake('sku')}<div class="items">${drop.items.map(choice)}</div></fieldset>
${
  isOpen
    ? html`<input type="hidden" name="key" value="${key}">
<label class="field" for="quantity">${messages.quantity}</label>${mistake('quantity')}
<input id="quantity" name="quantity" type="number" inputmode="numeric" min="1" max="${most}" value="${attempt?.quantity ?? '1'}" required${describedBy('quantity')}>
${drop.perCustomer === null ? '' : html`<p class="quiet">${messages.atMost(drop.perCustomer)}</p>`}
<label class="field" for="email">${messages.email}</label>${mistake('email')}
<input id="email" name="email" type="email" autocomplete="email" maxlength="${EMAIL_CHARACTERS_MAX}" value="${attempt?.email ?? ''}" required${describedBy('email')}>
<label class="field" for="name">${messages.name} <span class="quiet">(${messages.optional})</span></label>${mistake('name')}
<input id="name" name="name" type="text" autocomplete="name" maxlength="${NAME_CHARACTERS_MAX}" value="${attempt?.name ?? ''}"${describedBy('name')}>
<button data-busy-word="${messages.buying}">${messages.buy}</button>
<p class="quiet">${messages.holds(drop.holdSeconds)}</p>`
    : html`${kept('quantity')}${kept('email')}${kept('name')}`
}
</form>`;
}

export function dropPage(page: DropPage): Response {
  const { drop, language, now, isSocket, openOrder, headers } = page;
  const attempt = page.attempt && !isOver(page.attempt, drop, now) ? page.attempt : null;
  const { messages } = language;
  const phase = phaseOf(drop, now);
  const { left, none, allReserved, phases } = messages;
  const words = { left, none, allReserved, phases };
  return shopPage({
    title: drop.title,
    language,
    now,
    headers,
    status: page.status ?? 200,
    ...(phase === 'scheduled' && drop.startsAt - now < 3_600_000 && { refreshSeconds: 10 }),
    data: {
      ...(phase !== 'ended' && { stock: `/drops/${drop.slug}/stock` }),
      phase,
      words: JSON.stringify(words),
      live: isSocket ? 'socket' : 'events',
    },
    body: html`<div class="split">
<div>${drop.imageUrl === null ? '' : html`<img src="${drop.imageUrl}" alt="" width="640" height="480">`}</div>
<div>
<p><span class="phase" data-phase="${phase}">${messages.phases[phase]}</span></p>
<h1>${drop.title}</h1>
${drop.description === '' ? '' : html`<p class="lead">${drop.description}</p>`}
${
  phase === 'scheduled'
    ? html`<p>${messages.opensIn} <time class="quiet" datetime="${new Date(drop.startsAt).toISOString()}">(${timeOf(drop.startsAt, language)})</time></p>
<p class="clock" role="timer" data-until="${new Date(drop.startsAt).toISOString()}"></p>`
    : ''
}
${drop.endsAt === null || phase === 'ended' ? '' : html`<p class="quiet">${messages.endsAt} ${timeOf(drop.endsAt, language)}</p>`}
${attempt ? html`<p class="notice" role="alert">${refusalText(attempt, drop, language)}</p>` : ''}
${openOrder === null ? '' : html`<p class="notice">${messages.openOrder} <a href="/o/${openOrder}">${messages.payment.seeOrder}</a></p>`}
${!attempt && (phase === 'sold_out' || phase === 'paused' || phase === 'ended') ? html`<p class="notice">${messages.refusals[phase]}</p>` : ''}
${buyForm(page, phase === 'live')}
<p><a href="/">${messages.back}</a></p>
</div>
</div>`,
  });
}
