/**
 * Replaces a response together with its headers.
 *
 * Upstream: by design of Hono: assigning `c.res` copies the previous response's headers over those
 *   of the new one (https://github.com/honojs/hono/issues/4992 discusses the rule).
 * Without it: the redirect to the sign-in is sent with the refusal's `WWW-Authenticate`, and a page
 *   in place of a problem with every header of the problem, whatever the page sets.
 * Test: test/contract/dashboard-session.test.ts
 * Remove it when: Hono has a way to replace a response.
 */
import type { Context } from 'hono';

export function replaceResponse(c: Context, response: Response): void {
  c.res = undefined;
  c.res = response;
}
