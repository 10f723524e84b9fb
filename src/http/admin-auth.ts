/** Lets only the operator pass: the bearer token is compared by its hash, in constant time. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { createMiddleware } from 'hono/factory';
import { bearerToken } from './orders.ts';
import { problem } from './problem.ts';

/** SHA-256 of an operator token: what is kept of it. */
export const tokenHash = (token: string): Buffer => createHash('sha256').update(token).digest();

export const adminAuth = (adminTokenHash: Buffer | null) =>
  createMiddleware(async function adminAuth(c, next) {
    const isOperator = adminTokenHash !== null && timingSafeEqual(tokenHash(bearerToken(c)), adminTokenHash);
    if (!isOperator) return problem('unauthorized', { headers: { 'www-authenticate': 'Bearer' } });
    await next();
  });
