/** Tells which operator a request comes from, by the hash of its bearer token. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Context } from 'hono';
import { chiefOperator, type Operator } from '../domain/operator.ts';
import type { Deps } from './deps.ts';
import { bearerToken } from './orders.ts';

/** SHA-256 of an operator's token: what is kept of it. */
export const tokenHash = (token: string): Buffer => createHash('sha256').update(token).digest();

/** The operator whose token a request bears; null: it is nobody's, or was revoked. */
export type Authenticate = (c: Context) => Operator | null;

/** The holder of ADMIN_TOKEN may everything; the tokens in the database are looked up anew each time, so a revocation holds at once. */
export function authenticateBy({
  store,
  adminTokenHash,
}: Pick<Deps, 'store' | 'adminTokenHash'>): Authenticate {
  return (c) => {
    const token = bearerToken(c);
    if (token === '') return null;
    const hash = tokenHash(token);
    if (adminTokenHash !== null && timingSafeEqual(hash, adminTokenHash)) return chiefOperator;
    // An index look-up by the hash: what its time could tell is a hash, not a token.
    return store.reads.operatorByTokenHash(hash.toString('hex')) ?? null;
  };
}
