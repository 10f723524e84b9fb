/** GET /d/:slug: the page of a drop, with its form and this browser's unpaid order. */
import type { Context } from 'hono';
import { getCookie } from 'hono/cookie';
import { orderReads } from '../database/order-reads.ts';
import { phaseOf } from '../domain/drop.ts';
import { type Attempt, dropPage } from '../pages/drop-page.ts';
import { unitsPayable } from '../payments/chargeable.ts';
import { decodeAttempt } from './attempt-cookie.ts';
import type { Deps } from './deps.ts';
import { attemptCookie, dropCookie, keyOf, openCookie, setKey } from './drop-cookies.ts';
import { languageOf } from './language.ts';
import { problem, refuse } from './problem.ts';

/** A refused form that its own answer shows, because the browser keeps no cookies. */
export interface RefusedForm {
  attempt: Attempt;
  status: number;
  headers: readonly (readonly [name: string, value: string])[];
}

/**
 * The public id of the browser's unpaid order. The id alone reveals no more than the payment page
 * does: whether the order is still to be paid.
 */
function openOrderOf(c: Context, { db, ids, clock }: Deps): string | null {
  const orderId = getCookie(c, openCookie) ?? '';
  const key = ids.parseOrder(orderId);
  const order = key && orderReads(db).order(key.orderId)?.order;
  return order?.status === 'held' && order.holdExpiresAt > clock.now() ? orderId : null;
}

export function showDrop(c: Context, deps: Deps, refused?: RefusedForm): Response {
  const { db, clock, publicUrl, runtime, providers } = deps;
  const drop = db.snapshot.find(c.req.param('slug') ?? '');
  if (!drop?.published) return problem('not_found');
  if (drop.movedAt) return refuse({ kind: 'drop_moved' });
  // Kept until the purchase succeeds, so that after a reload or "back" the same form is still the
  // same order.
  const known = keyOf(c);
  const key = known ?? crypto.randomUUID();
  const tried = getCookie(c, attemptCookie);
  const attempt = refused?.attempt ?? decodeAttempt(tried);
  const now = clock.now();
  // Kept while the page has no form: until the drop opens, or units are available again.
  const mustWait = attempt !== null && phaseOf(drop, now) !== 'live';
  return dropPage({
    drop,
    language: languageOf(c),
    now,
    key,
    attempt,
    openOrder: openOrderOf(c, deps),
    unitsPayable: Math.max(...drop.items.map(({ price }) => unitsPayable(providers, price, drop.currency))),
    isSocket: runtime === 'workerd',
    ...(refused && { status: refused.status }),
    headers: [
      ...(known === null ? [setKey(drop.slug, key, publicUrl())] : []),
      ...(tried === undefined || mustWait ? [] : [dropCookie(drop.slug, attemptCookie, '', 0, publicUrl())]),
      ...(refused?.headers ?? []),
    ],
  });
}
