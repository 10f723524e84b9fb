/** Where an operator signs in with his token. */
import { html } from 'hono/html';
import { htmlPage } from '../document.ts';

export interface SignInPage {
  /** Where he wanted to go. */
  to: string;
  /** What was wrong with the last attempt; null: there was none. */
  mistake: string | null;
  status: number;
  /** Whether operators can be made beside the holder of ADMIN_TOKEN. */
  hasOperators: boolean;
  headers?: readonly (readonly [name: string, value: string])[];
}

export const signInPage = ({ to, mistake, status, hasOperators, headers = [] }: SignInPage): Response =>
  htmlPage({
    title: 'Sign in · Stampede',
    locale: 'en',
    status,
    headers,
    styles: ['/assets/admin.css'],
    body: html`<main id="main" class="door">
<p class="mark">Stampede</p>
<h1>Sign in</h1>
${mistake === null ? '' : html`<div class="alert" role="alert"><p>${mistake}</p></div>`}
${to === '/admin' ? '' : html`<p>The page that you opened is for operators. Sign in to see it.</p>`}
<form method="post" action="/admin/sign-in">
<input type="hidden" name="to" value="${to}">
<div class="field"><label for="token">Operator token</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus${mistake === null ? '' : html` aria-invalid="true"`} aria-describedby="hint-token">
<p class="hint" id="hint-token"><code>ADMIN_TOKEN</code>${hasOperators ? html`, or one that <code>npm run operator</code> has made` : ''}. You stay signed in here for 12 hours.</p></div>
<button class="primary">Sign in</button>
</form>
</main>`,
  });
