/** The storefront's drops: / and /d/:slug, usable without script; its form uses POST /purchase. */
import { type Context, Hono } from 'hono';
import { getCookie } from 'hono/cookie';
import { orderReads } from '../database/order-reads.ts';
import { phaseOf } from '../domain/drop.ts';
import { type Attempt, dropPage } from '../pages/drop-page.ts';
import { homePage } from '../pages/home-page.ts';
import { orderPage } from '../pages/order-page.ts';
import { samplePicture } from '../pages/sample-picture.ts';
import { unitsPayable } from '../payments/chargeable.ts';

import { attemptFields, decodeAttempt, encodeAttempt, refusals } from './attempt-cookie.ts';
import type { Deps } from './deps.ts';
import { languageOf } from './language.ts';
import { openOrder, orderCookie } from './order-pages.ts';
import { pageFileRoutes } from './page-file-routes.ts';
import { problem, refuse } from './problem.ts';
import { shopCookie } from './shop-cookie.ts';
import { readShopForm } from './shop-form.ts';

const keyShape = /^[A-Za-z0-9-]{36}$/;
const KEY_SECONDS = 86_400;
/**
 * How long a refused form is kept to be shown again: longer than most holds, whose end frees units.
 */
const ATTEMPT_SECONDS = 3_600;
/** Names the order just reserved for a drop, because the token's cookie has another path. */
export const openCookie = 'open';

/** The drop's page sets a cookie. Without cookies, a redirect would lose its context. */
export const hasCookies = (c: Context): boolean => getCookie(c, 'buy') !== undefined;

interface Problem {
  status: number;
  code: string;
  errors?: { path: string }[];
}
type PageHeaders = readonly (readonly [name: string, value: string])[];

/** `send` answers a request like one from any client. */
export function storefrontRoutes(deps: Deps, send: (request: Request, c: Context) => Promise<Response>) {
  const { db, ids, clock, publicUrl, runtime, providers } = deps;
  const isSocket = runtime === 'workerd';

  const cookieOf = (slug: string) => (name: string, value: string, seconds: number) =>
    shopCookie({ name, value, path: `/d/${slug}`, seconds }, publicUrl());
  const newKey = (slug: string) => cookieOf(slug)('buy', crypto.randomUUID(), KEY_SECONDS);

  /**
   * The id alone reveals no more than the payment page does: whether the order is still to be paid.
   */
  const openOrderOf = (c: Context, now: number): string | null => {
    const orderId = getCookie(c, openCookie) ?? '';
    const key = ids.parseOrder(orderId);
    const order = key && orderReads(db).order(key.orderId)?.order;
    return order?.status === 'held' && order.holdExpiresAt > now ? orderId : null;
  };

  /** `direct`: the refused form that this page answers, if the browser keeps no cookies. */
  const showDrop = (
    c: Context,
    direct?: { attempt: Attempt; status: number; headers: PageHeaders },
  ): Response => {
    const drop = db.snapshot.find(c.req.param('slug') ?? '');
    if (!drop?.published) return problem('not_found');
    if (drop.movedAt) return refuse({ kind: 'drop_moved' });
    const known = getCookie(c, 'buy') ?? '';
    // Kept until the purchase succeeds, so that after a reload or "back" the same form is still the
    // same order.
    const isKept = keyShape.test(known);
    const key = isKept ? known : crypto.randomUUID();
    const tried = getCookie(c, 'tried');
    const attempt = direct?.attempt ?? decodeAttempt(tried);
    const now = clock.now();
    // Kept while the page has no form: until the drop opens, or units are available again.
    const mustWait = attempt !== null && phaseOf(drop, now) !== 'live';
    const cookie = cookieOf(drop.slug);
    return dropPage({
      drop,
      language: languageOf(c),
      now,
      key,
      attempt,
      openOrder: openOrderOf(c, now),
      unitsPayable: Math.max(...drop.items.map(({ price }) => unitsPayable(providers, price, drop.currency))),
      isSocket,
      ...(direct && { status: direct.status }),
      headers: [
        ...(isKept ? [] : [cookie('buy', key, KEY_SECONDS)]),
        ...(tried === undefined || mustWait ? [] : [cookie('tried', '', 0)]),
        ...(direct?.headers ?? []),
      ],
    });
  };

  /**
   * Shows a refused form by GET, because reloading a page that answered a POST would resubmit it.
   */
  const refuseForm = (c: Context, slug: string, attempt: Attempt, answer: Response): Response => {
    const retry = answer.headers.get('retry-after');
    if (!hasCookies(c)) {
      const headers: PageHeaders = retry === null ? [] : [['retry-after', retry]];
      return showDrop(c, { attempt, status: answer.status, headers });
    }
    const location = `/d/${slug}`;
    const shown = new Response(null, { status: 303, headers: { location, 'cache-control': 'no-store' } });
    shown.headers.append(...cookieOf(slug)('tried', encodeAttempt(attempt), ATTEMPT_SECONDS));
    // A key that belongs to another order would be refused every time.
    if (attempt.refusal === 'key_reused') shown.headers.append(...newKey(slug));
    return shown;
  };

  const buy = async (c: Context): Promise<Response> => {
    // The drop's slug, not the path's: the path may contain blanks, which the API trims and a
    // header can't carry.
    const slug = db.snapshot.find(c.req.param('slug') ?? '')?.slug;
    if (slug === undefined) return problem('not_found');
    const field = await readShopForm(c, deps);
    if (field instanceof Response) return field;
    const [key, sku, name, email] = [field('key'), field('sku'), field('name'), field('email')];
    const headers = new Headers(c.req.raw.headers);
    headers.set('content-type', 'application/json');
    headers.set('accept', 'application/json');
    headers.delete('content-length');
    if (keyShape.test(key)) headers.set('idempotency-key', key);
    const body = JSON.stringify({
      dropId: slug,
      ...(sku !== '' && { sku }),
      quantity: Number(field('quantity') || '1'),
      customer: { email, ...(name !== '' && { name }) },
    });
    const purchase = new URL('/purchase', c.req.url);
    const answer = await send(new Request(purchase, { method: 'POST', headers, body }), c);
    if (answer.ok) {
      const { order, token } = (await answer.json()) as {
        order: { id: string; holdExpiresAt: string };
        token: string;
      };
      const own = hasCookies(c) ? null : openOrder(deps, order.id, token);
      const done = own
        ? orderPage({ ...own, token }, { language: languageOf(c), now: clock.now(), from: null })
        : new Response(null, {
            status: 303,
            // With the token, so that the page opens even if the cookie is refused; servers never
            // see a fragment.
            headers: { location: `/o/${order.id}#${token}`, 'cache-control': 'no-store' },
          });
      done.headers.append(...orderCookie(order.id, token, publicUrl()));
      const seconds = Math.max(0, Math.ceil((Date.parse(order.holdExpiresAt) - clock.now()) / 1000));
      done.headers.append(...cookieOf(slug)(openCookie, order.id, seconds));
      // The next purchase needs a new key.
      done.headers.append(...newKey(slug));
      return done;
    }
    const { code, errors = [] } = (await answer.json()) as Problem;
    if (code === 'not_found') return problem('not_found');
    const attempt: Attempt = {
      refusal: refusals.find((refusal) => refusal === code) ?? 'other',
      fields: new Set(
        attemptFields.filter((name) =>
          errors.some(({ path }) => path === name || path === `customer.${name}`),
        ),
      ),
      sku,
      name,
      quantity: field('quantity'),
      email,
    };
    return refuseForm(c, slug, attempt, answer);
  };

  return new Hono()
    .get('/', (c) => homePage(db.snapshot.drops(), languageOf(c), clock.now()))
    .get('/d/:slug', (c) => showDrop(c))
    .post('/d/:slug', buy)
    .route('/', pageFileRoutes(deps.pageFiles, ['shop.css', 'shop.js']))
    .get('/images/sample-sneaker.svg', () => samplePicture());
}
