/** An operator's browser session: a signed cookie with the token's hash, stored nowhere else. */
import { timingSafeEqual } from 'node:crypto';
import type { Context } from 'hono';
import { getCookie } from 'hono/cookie';
import { SESSION_SECONDS } from '../limits.ts';
import type { Deps } from './deps.ts';

const cookieName = 'session';
/** The token's hash, the expiry in epoch seconds, and the signature of both. */
const cookieShape = /^((?:[\w-]{43})\.(?:\d{10}))\.([\w-]{43})$/;

export interface Session {
  /** SHA-256 of the operator's token. */
  tokenHash: Buffer;
  /** The CSRF token of this session's forms; other sites can't know it. */
  csrf: string;
}

/** Compares in constant time. */
export function isSameText(expected: string, given: string): boolean {
  const [one, other] = [Buffer.from(expected), Buffer.from(given)];
  return one.length === other.length && timingSafeEqual(one, other);
}

function setCookie(value: string, seconds: number, publicUrl: string): readonly [string, string] {
  const secure = publicUrl.startsWith('https:') ? '; Secure' : '';
  const attributes = `Path=/admin; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure}`;
  return ['set-cookie', `${cookieName}=${value}; ${attributes}`];
}

/** The header that starts a session. */
export function sessionCookie(
  tokenHash: Buffer,
  { ids, clock, publicUrl }: Pick<Deps, 'ids' | 'clock' | 'publicUrl'>,
): readonly [string, string] {
  const content = `${tokenHash.toString('base64url')}.${Math.floor(clock.now() / 1000) + SESSION_SECONDS}`;
  return setCookie(`${content}.${ids.seal('session', content)}`, SESSION_SECONDS, publicUrl());
}

/** The header that ends the session in this browser. */
export const noSessionCookie = ({ publicUrl }: Pick<Deps, 'publicUrl'>): readonly [string, string] =>
  setCookie('', 0, publicUrl());

/** Null without a session, if expired or wrongly signed. The token itself is checked elsewhere. */
export function readSession(c: Context, { ids, clock }: Pick<Deps, 'ids' | 'clock'>): Session | null {
  const cookie = getCookie(c, cookieName) ?? '';
  const [, content, seal] = cookieShape.exec(cookie) ?? [];
  if (content === undefined || seal === undefined) return null;
  if (!isSameText(ids.seal('session', content), seal)) return null;
  const [hash = '', end = ''] = content.split('.');
  if (Number(end) * 1000 <= clock.now()) return null;
  return { tokenHash: Buffer.from(hash, 'base64url'), csrf: ids.seal('csrf', cookie) };
}
