/** The storefront's start page: all published drops, those on sale first. */
import { html } from 'hono/html';
import { type Drop, type DropPhase, phaseOf } from '../domain/drop.ts';
import type { Language } from './messages.ts';
import { money } from './money.ts';
import { shopPage, timeOf } from './shop-document.ts';

const order: readonly DropPhase[] = ['live', 'scheduled', 'paused', 'sold_out', 'ended'];

export function homePage(drops: readonly Drop[], language: Language, now: number): Response {
  const { messages, locale } = language;
  const shown = drops
    .filter(({ published }) => published)
    .map((drop) => ({ drop, phase: phaseOf(drop, now) }))
    .sort((one, other) => order.indexOf(one.phase) - order.indexOf(other.phase));
  const card = ({ drop, phase }: (typeof shown)[number]) => {
    const prices = drop.items.map(({ price }) => price);
    const lowest = Math.min(...prices);
    const price = money(lowest, drop.currency, locale);
    return html`<li class="card"><a href="/d/${drop.slug}">
${drop.imageUrl === null ? '' : html`<img src="${drop.imageUrl}" alt="" width="640" height="480" loading="lazy">`}
<h2>${drop.title}</h2>
<p><span class="phase" data-phase="${phase}">${messages.phases[phase]}</span></p>
<p>${Math.max(...prices) > lowest ? messages.from(price) : price}${phase === 'scheduled' ? html`<br><span class="quiet">${messages.opensAt} ${timeOf(drop.startsAt, language)}</span>` : ''}</p>
</a></li>`;
  };
  return shopPage({
    title: messages.shop,
    body: html`<h1>${messages.shop}</h1>
${shown.length === 0 ? html`<p>${messages.nothing}</p>` : html`<ul class="grid">${shown.map(card)}</ul>`}`,
    language,
    now,
  });
}
