/** A problem as a page for browsers: what happened, and the way back. */
import { html } from 'hono/html';
import { smallPage } from './admin/small-page.ts';
import type { Language, ProblemKind } from './messages.ts';
import { shopPage } from './shop-document.ts';

export interface ShownProblem {
  status: number;
  code: string;
  kind: ProblemKind;
  /** Headers of the replaced response, such as Retry-After. */
  headers: readonly (readonly [name: string, value: string])[];
}

export function problemPage({ status, code, kind, headers }: ShownProblem, language: Language): Response {
  const { problems, back } = language.messages;
  const [title, text] = problems[kind];
  return shopPage({
    title,
    language,
    now: null,
    status,
    headers,
    body: html`<div class="narrow"><h1>${title}</h1>
<p>${text}</p>
<p class="quiet">${status} ${code}</p>
<p><a href="/">${back}</a></p></div>`,
  });
}

/** For an operator's browser. `detail` comes from the server and never repeats user input. */
export const adminProblemPage = ({ status, code, headers }: ShownProblem, detail: string): Response =>
  smallPage({
    heading: 'Not done',
    status,
    headers,
    body: html`<div class="alert" role="alert"><p>${detail} <a href="/problems/${code}"><code>${code}</code></a></p></div>
<p><a href="/admin">Back to overview</a></p>`,
  });
