/** The page where buyers request the links of lost orders. */
import { html } from 'hono/html';
import { EMAIL_CHARACTERS_MAX } from '../limits.ts';
import type { Html } from './document.ts';
import type { Language } from './messages.ts';
import { shopPage } from './shop-document.ts';

export type FindState = 'asked' | 'sent' | 'wrong' | 'no_mail';

/** The form for the e-mail address. `typed` is a rejected address. */
export function findForm(language: Language, typed: string | null = null): Html {
  const { find, email } = language.messages;
  const isWrong = typed !== null;
  return html`<p>${find.explain}</p>
<form method="post" action="/orders/find">
<label class="field" for="email">${email}</label>${isWrong ? html`<p class="notice" role="alert" id="wrong-email">${find.wrong}</p>` : ''}
<input id="email" name="email" type="email" autocomplete="email" maxlength="${EMAIL_CHARACTERS_MAX}" value="${typed ?? ''}" required${isWrong ? html` aria-invalid="true" aria-describedby="wrong-email"` : ''}>
<button>${find.button}</button></form>`;
}

/** `typed` is the rejected address, shown only to the browser that sent it. */
export function findOrdersPage(state: FindState, language: Language, typed = ''): Response {
  const { find, back } = language.messages;
  const isWrong = state === 'wrong';
  const form = findForm(language, isWrong ? typed : null);
  return shopPage({
    title: find.title,
    status: isWrong ? 422 : 200,
    language,
    now: null,
    body: html`<div class="narrow"><h1>${find.title}</h1>
${state === 'no_mail' ? html`<p>${find.noMail}</p>` : state === 'sent' ? html`<p class="lead" role="status">${find.sent}</p>` : form}
<p><a href="/">${back}</a></p></div>`,
  });
}
