/** Cookies of a drop's page: the key of the next purchase, a refused form, the order reserved. */
import type { Context } from 'hono';
import { getCookie } from 'hono/cookie';
import { shopCookie } from './shop-cookie.ts';

/** The key of the next purchase: a reloaded form is still the same order. */
const keyCookie = 'buy';
/** The refused form. */
export const attemptCookie = 'tried';
/** Names the order just reserved for a drop, because the token's cookie has another path. */
export const openCookie = 'open';
const keyShape = /^[A-Za-z0-9-]{36}$/;
const KEY_SECONDS = 86_400;

/** The drop's page sets a cookie. Without cookies, a redirect would lose its context. */
export const hasCookies = (c: Context): boolean => getCookie(c, keyCookie) !== undefined;

/** Whether the page has issued such a key. */
export const isKey = (text: string): boolean => keyShape.test(text);

/** Null if the browser has no key, or a made-up one. */
export function keyOf(c: Context): string | null {
  const key = getCookie(c, keyCookie) ?? '';
  return isKey(key) ? key : null;
}

export const dropCookie = (slug: string, name: string, value: string, seconds: number, publicUrl: string) =>
  shopCookie({ name, value, path: `/d/${slug}`, seconds }, publicUrl);

export const setKey = (slug: string, key: string, publicUrl: string) =>
  dropCookie(slug, keyCookie, key, KEY_SECONDS, publicUrl);
