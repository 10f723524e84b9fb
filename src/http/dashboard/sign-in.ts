/** GET and POST /admin/sign-in, POST /admin/sign-out: starts and ends an operator's session. */
import { type Context, Hono } from 'hono';
import { SIGN_IN_RETURN_CHARACTERS_MAX } from '../../limits.ts';
import { askAgainPage, signInPage } from '../../pages/admin/sign-in-page.ts';
import { operatorByHash, tokenHash } from '../admin-auth.ts';
import type { Deps } from '../deps.ts';
import { seeOther } from '../see-other.ts';
import { noSessionCookie, readSession, sessionCookie } from '../session.ts';
import { readFields, type WithSession } from './page-request.ts';

/** A placeholder, because the server's own origin is unknown here. */
const origin = 'http://stampede.invalid';

/** The page shown after the sign-in: only operator pages, resolved as a browser would. */
function pageOf(to: string): string {
  const url = to.length > SIGN_IN_RETURN_CHARACTERS_MAX ? null : URL.parse(to, origin);
  const isOwn = url?.origin === origin && url.pathname.startsWith('/admin/');
  return isOwn ? url.pathname + url.search : '/admin';
}

export function signInRoutes(deps: Deps, withSession: WithSession) {
  const { rateLimits, tokensCommand } = deps;
  const operatorOf = operatorByHash(deps);

  const signIn = async (c: Context): Promise<Response> => {
    const fields = await readFields(c, deps);
    if (fields instanceof Response) return fields;
    const to = pageOf(fields.get('to') ?? '');
    const hash = tokenHash(fields.get('token') ?? '');
    if (operatorOf(hash)) return seeOther(to, [sessionCookie(hash, deps)]);
    const tooMany = await rateLimits?.limitFailedLogins(c);
    if (tooMany) {
      const seconds = tooMany.headers.get('retry-after') ?? '1';
      const mistake = `Too many wrong tokens from your address. Try again in ${seconds} s.`;
      const headers = ['retry-after', 'ratelimit', 'ratelimit-policy'].flatMap((name) => {
        const value = tooMany.headers.get(name);
        return value === null ? [] : [[name, value] as const];
      });
      return signInPage({ to, mistake, status: 429, tokensCommand, headers });
    }
    return signInPage({ to, mistake: 'Invalid or revoked token.', status: 401, tokensCommand });
  };

  return new Hono()
    .get('/admin/sign-in', (c) => {
      const to = pageOf(c.req.query('to') ?? '');
      const session = readSession(c, deps);
      if (session && operatorOf(session.tokenHash)) return seeOther(to);
      if (c.req.header('sec-fetch-site') === 'cross-site') return askAgainPage(to);
      return signInPage({ to, mistake: null, status: 200, tokensCommand });
    })
    .post('/admin/sign-in', signIn)
    .post(
      '/admin/sign-out',
      withSession(async () => seeOther('/admin/sign-in', [noSessionCookie(deps)])),
    );
}
