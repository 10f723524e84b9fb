/** Tells which operator a request comes from: by the hash of its bearer token, or by the session of a browser. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Context } from 'hono';
import { operatorReads } from '../database/operator-reads.ts';
import { chiefOperator, type Operator } from '../domain/operator.ts';
import type { Deps } from './deps.ts';
import { bearerToken } from './orders.ts';
import { problem } from './problem.ts';
import { isSameText, readSession } from './session.ts';

/** SHA-256 of an operator's token: what is kept of it. */
export const tokenHash = (token: string): Buffer => createHash('sha256').update(token).digest();

/** Whether a request changes nothing: its method is safe (RFC 9110, section 9.2.1). */
export const isLook = ({ method }: { readonly method: string }): boolean =>
  method === 'GET' || method === 'HEAD' || method === 'OPTIONS';

const openedDirectly = new Set([undefined, 'document', 'empty']);
/**
 * Whether a browser loads this as a part of a page, such as a picture: anyone can set such an address, and the browser sends the
 * cookie. A session's GET can export orders, so only navigations and our own scripts get an answer.
 */
export const isEmbedded = (c: Context): boolean => !openedDirectly.has(c.req.header('sec-fetch-dest'));
export const embeddedDetail = 'This address can’t be embedded in a page. Open it directly.';

/** The header in which a request of a session shows that it comes from one of our own pages. */
export const csrfHeader = 'x-csrf-token';

export interface Authenticate {
  /** Null: it has no session that holds. A Response is the refusal of what another site may have sent. */
  bySession(c: Context): Operator | Response | null;
  /** Null: the token it bears is nobody's, or was revoked. */
  byToken(c: Context): Operator | null;
}

/** The holder of ADMIN_TOKEN may everything; the tokens in the database are looked up anew each time, so a revocation holds at once. */
export const operatorByHash =
  ({ db, adminTokenHash }: Pick<Deps, 'db' | 'adminTokenHash'>) =>
  (hash: Buffer): Operator | null => {
    if (adminTokenHash !== null && timingSafeEqual(hash, adminTokenHash)) return chiefOperator;
    // An index look-up by the hash: what its time could tell is a hash, not a token.
    return operatorReads(db).operatorByTokenHash(hash.toString('hex')) ?? null;
  };

export function authenticateBy(deps: Pick<Deps, 'db' | 'adminTokenHash' | 'ids' | 'clock'>): Authenticate {
  const operatorOf = operatorByHash(deps);
  return {
    bySession(c) {
      // Who bears a token is judged by it alone.
      const session = bearerToken(c) === '' ? readSession(c, deps) : null;
      const operator = session && operatorOf(session.tokenHash);
      if (!session || !operator) return null;
      if (isEmbedded(c)) return problem('forbidden', { detail: embeddedDetail });
      if (isLook(c.req) || isSameText(session.csrf, c.req.header(csrfHeader) ?? '')) return operator;
      return problem('forbidden', { detail: `The request lacks the ${csrfHeader} of its session.` });
    },
    byToken(c) {
      const token = bearerToken(c);
      return token === '' ? null : operatorOf(tokenHash(token));
    },
  };
}
