/** The sign-in pages of the dashboard. */
import { html } from 'hono/html';
import { smallPage } from './small-page.ts';

export interface SignInPage {
  /** The page to return to. */
  to: string;
  /** Error of the last attempt; null before the first. */
  mistake: string | null;
  status: number;
  /** The command that creates further operator tokens; null if only ADMIN_TOKEN exists. */
  tokensCommand: string | null;
  headers?: readonly (readonly [name: string, value: string])[];
}

export const signInPage = ({ to, mistake, status, tokensCommand, headers = [] }: SignInPage): Response =>
  smallPage({
    heading: 'Sign in',
    status,
    headers,
    body: html`${mistake === null ? '' : html`<div class="alert" role="alert"><p>${mistake}</p></div>`}
${to === '/admin' ? '' : html`<p>This page is for operators. Sign in to see it.</p>`}
<form method="post" action="/admin/sign-in">
<input type="hidden" name="to" value="${to}">
<div class="field"><label for="token">Operator token</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus${mistake === null ? '' : html` aria-invalid="true"`} aria-describedby="hint-token">
<p class="hint" id="hint-token"><code>ADMIN_TOKEN</code>${tokensCommand === null ? '' : html`, or a token created by <code>${tokensCommand}</code>`}. You stay signed in for 12 hours.</p></div>
<button class="primary">Sign in</button>
</form>`,
  });

/**
 * Makes the browser request the page again. On a link from another site it omits the session cookie
 * (SameSite=Strict); on a request from this page it sends the cookie.
 */
export const askAgainPage = (to: string): Response =>
  smallPage({
    heading: 'One moment',
    status: 200,
    headers: [['refresh', `0; url=/admin/sign-in?${new URLSearchParams({ to })}`]],
    body: html`<p><a href="${to}">Continue</a></p>`,
  });
