/** The pages on the way into the dashboard: where an operator signs in with a token. */
import { html } from 'hono/html';
import { smallPage } from './small-page.ts';

export interface SignInPage {
  /** The page to return to. */
  to: string;
  /** What was wrong with the last attempt; null on the first. */
  mistake: string | null;
  status: number;
  /** The command that makes operator tokens besides ADMIN_TOKEN; null where there are none. */
  tokensCommand: string | null;
  headers?: readonly (readonly [name: string, value: string])[];
}

export const signInPage = ({ to, mistake, status, tokensCommand, headers = [] }: SignInPage): Response =>
  smallPage({
    heading: 'Sign in',
    status,
    headers,
    body: html`${mistake === null ? '' : html`<div class="alert" role="alert"><p>${mistake}</p></div>`}
${to === '/admin' ? '' : html`<p>The page that you opened is for operators. Sign in to see it.</p>`}
<form method="post" action="/admin/sign-in">
<input type="hidden" name="to" value="${to}">
<div class="field"><label for="token">Operator token</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus${mistake === null ? '' : html` aria-invalid="true"`} aria-describedby="hint-token">
<p class="hint" id="hint-token"><code>ADMIN_TOKEN</code>${tokensCommand === null ? '' : html`, or one that <code>${tokensCommand}</code> has made`}. You stay signed in here for 12 hours.</p></div>
<button class="primary">Sign in</button>
</form>`,
  });

/**
 * A session's cookie does not come along from another site's link (SameSite=Strict), even where there is a session: the browser
 * asks again from this page, and then brings it.
 */
export const askAgainPage = (to: string): Response =>
  smallPage({
    heading: 'One moment',
    status: 200,
    headers: [['refresh', `0; url=/admin/sign-in?${new URLSearchParams({ to })}`]],
    body: html`<p><a href="${to}">Continue</a></p>`,
  });
