/** Identifies the operator of a request, by the hash of its bearer token or by its session. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Context } from 'hono';
import { operatorReads } from '../database/operator-reads.ts';
import { adminTokenOperator, type Operator } from '../domain/operator.ts';
import type { Deps } from './deps.ts';
import { bearerToken } from './orders.ts';
import { problem } from './problem.ts';
import { isSameText, readSession } from './session.ts';

/** SHA-256 of an operator's token; the token itself is not stored. */
export const tokenHash = (token: string): Buffer => createHash('sha256').update(token).digest();

/** Whether a request changes nothing: its method is safe (RFC 9110, section 9.2.1). */
export const isSafeMethod = ({ method }: { readonly method: string }): boolean =>
  method === 'GET' || method === 'HEAD' || method === 'OPTIONS';

const openedDirectly = new Set([undefined, 'document', 'empty']);
/**
 * Whether a browser loads this as part of another page, such as a picture. Any site can embed such
 * a URL, and the browser sends the cookie with it. A session's GET can export orders, so only
 * navigations and our own scripts are answered.
 */
export const isEmbedded = (c: Context): boolean => !openedDirectly.has(c.req.header('sec-fetch-dest'));
export const embeddedDetail = 'This address can’t be embedded in a page. Open it directly.';

/** Header that proves that a session's request comes from one of our own pages. */
export const csrfHeader = 'x-csrf-token';

export interface Authenticate {
  /** Null without a valid session. A Response refuses a request that another site may have sent. */
  bySession(c: Context): Operator | Response | null;
  /** Null if the token is unknown or revoked. */
  byToken(c: Context): Operator | null;
}

/**
 * ADMIN_TOKEN grants every scope. Tokens in the database are looked up on each request, so a
 * revocation takes effect at once.
 */
export const operatorByHash =
  ({ db, adminTokenHash }: Pick<Deps, 'db' | 'adminTokenHash'>) =>
  (hash: Buffer): Operator | null => {
    if (adminTokenHash !== null && timingSafeEqual(hash, adminTokenHash)) return adminTokenOperator;
    // The timing of this index look-up can only reveal a hash, not a token.
    return operatorReads(db).operatorByTokenHash(hash.toString('hex')) ?? null;
  };

export function authenticateBy(deps: Pick<Deps, 'db' | 'adminTokenHash' | 'ids' | 'clock'>): Authenticate {
  const operatorOf = operatorByHash(deps);
  return {
    bySession(c) {
      // A bearer token takes precedence over the session cookie.
      const session = bearerToken(c) === '' ? readSession(c, deps) : null;
      const operator = session && operatorOf(session.tokenHash);
      if (!session || !operator) return null;
      if (isEmbedded(c)) return problem('forbidden', { detail: embeddedDetail });
      if (isSafeMethod(c.req) || isSameText(session.csrf, c.req.header(csrfHeader) ?? '')) return operator;
      return problem('forbidden', { detail: `The request lacks the ${csrfHeader} header of its session.` });
    },
    byToken(c) {
      const token = bearerToken(c);
      return token === '' ? null : operatorOf(tokenHash(token));
    },
  };
}
