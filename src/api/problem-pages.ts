/** The page of each problem, to which its `type` links, and the list of problems. */
import { html } from 'hono/html';
import { refusalsOf } from '../http/operation.ts';
import { type ProblemCode, problemCodes, problemOf } from '../http/problem.ts';
import { allOperations } from './document.ts';
import { meanings } from './problem-meanings.ts';
import { prose } from './prose.ts';
import { referencePage } from './reference-document.ts';

const isCode = (code: string): code is ProblemCode => Object.hasOwn(meanings, code);

/** Null for an unknown code. */
export function problemPage(code: string): Response | null {
  if (!isCode(code)) return null;
  const { title, status } = problemOf(code);
  const { meaning, remedy } = meanings[code];
  const routes = allOperations.filter((operation) => refusalsOf(operation).includes(code));
  return referencePage(
    code,
    html`<h1><code>${code}</code></h1>
<p><strong>${status}</strong> ${title}</p>
<p>${prose(meaning)}</p>
<h2>What to do</h2>
<p>${prose(remedy)}</p>
${
  routes.length === 0
    ? ''
    : html`<h2>Returned by</h2>
<ul>${routes.map(({ id, method, path }) => html`<li><a href="/docs#${id}"><code>${method.toUpperCase()} ${path}</code></a></li>`)}</ul>`
}`,
  );
}

export const problemListPage = (): Response =>
  referencePage(
    'Problems',
    html`<h1>Problems</h1>
<p>Every error is JSON of the type <code>application/problem+json</code> (RFC 9457). Programs should rely on its <code>code</code>, which is stable.</p>
<div class="scroll" tabindex="0"><table>
<thead><tr><th scope="col">code</th><th scope="col">status</th><th scope="col">meaning</th></tr></thead>
<tbody>${problemCodes.map((code) => html`<tr><td><a href="/problems/${code}"><code>${code}</code></a></td><td>${problemOf(code).status}</td><td>${prose(meanings[code].meaning)}</td></tr>`)}</tbody>
</table></div>`,
  );
