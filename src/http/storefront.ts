/** The storefront's drops: / and /d/:slug, rendered here, useful without script; a form buys through POST /purchase like any client. */
import { type Context, Hono } from 'hono';
import { getCookie } from 'hono/cookie';
import { type Attempt, dropPage } from '../pages/drop-page.ts';
import { homePage } from '../pages/home-page.ts';
import { samplePicture } from '../pages/sample-picture.ts';
import { shopScript } from '../pages/shop-script.ts';
import { shopStyle } from '../pages/shop-style.ts';
import { unitsPayable } from '../payments/chargeable.ts';
import { asset } from './asset.ts';
import { decodeAttempt, encodeAttempt, refusals } from './attempt-cookie.ts';
import type { Deps } from './deps.ts';
import { languageOf } from './language.ts';
import { orderCookie } from './order-pages.ts';
import { problem } from './problem.ts';
import { shopCookie } from './shop-cookie.ts';
import { readShopForm } from './shop-form.ts';

const keyShape = /^[A-Za-z0-9-]{36}$/;
const KEY_SECONDS = 86_400;
/** How long a refused form waits to be shown again. */
const ATTEMPT_SECONDS = 600;

interface Problem {
  status: number;
  code: string;
  errors?: { path: string }[];
}
type PageHeaders = readonly (readonly [name: string, value: string])[];

/** `send` answers a request as this application answers every client. */
export function storefrontRoutes(deps: Deps, send: (request: Request, c: Context) => Promise<Response>) {
  const { store, clock, publicUrl, runtime, providers } = deps;
  const isSocket = runtime === 'workerd';

  const cookieOf = (slug: string) => (name: string, value: string, seconds: number) =>
    shopCookie({ name, value, path: `/d/${slug}`, seconds }, publicUrl());
  const newKey = (slug: string) => cookieOf(slug)('buy', crypto.randomUUID(), KEY_SECONDS);

  /** `direct`: the refused form whose page answers it, where the browser keeps no cookies. */
  const showDrop = (
    c: Context,
    direct?: { attempt: Attempt; status: number; headers: PageHeaders },
  ): Response => {
    const drop = store.snapshot.find(c.req.param('slug') ?? '');
    if (!drop?.published) return problem('not_found');
    const known = getCookie(c, 'buy') ?? '';
    // Kept until the purchase has worked: after a reload, or on the way back, the same form is still the same order.
    const isKept = keyShape.test(known);
    const key = isKept ? known : crypto.randomUUID();
    const tried = getCookie(c, 'tried');
    const attempt = direct?.attempt ?? decodeAttempt(tried);
    const now = clock.now();
    // A form that came too early is kept until the drop opens; any other is shown once.
    const isEarly = attempt?.refusal === 'not_started' && now < drop.startsAt;
    const cookie = cookieOf(drop.slug);
    return dropPage({
      drop,
      language: languageOf(c),
      now,
      key,
      attempt,
      unitsPayable: Math.max(...drop.items.map(({ price }) => unitsPayable(providers, price, drop.currency))),
      isSocket,
      ...(direct && { status: direct.status }),
      headers: [
        ...(isKept ? [] : [cookie('buy', key, KEY_SECONDS)]),
        ...(tried === undefined || isEarly ? [] : [cookie('tried', '', 0)]),
        ...(direct?.headers ?? []),
      ],
    });
  };

  /** The page of a refused form, by GET: a page that answers a POST would send it again when it is reloaded. */
  const refuseForm = (c: Context, slug: string, attempt: Attempt, answer: Response): Response => {
    const retry = answer.headers.get('retry-after');
    const hasCookies = getCookie(c, 'buy') !== undefined;
    if (!hasCookies) {
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
    // The drop's own slug, not the path's: the path may hold blanks that the API trims, and that no header can carry.
    const slug = store.snapshot.find(c.req.param('slug') ?? '')?.slug;
    if (slug === undefined) return problem('not_found');
    const field = await readShopForm(c);
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
      const { order, token } = (await answer.json()) as { order: { id: string }; token: string };
      const done = new Response(null, {
        status: 303,
        // With the token, so that the page opens where cookies are refused too; servers never see a fragment.
        headers: { location: `/o/${order.id}#${token}`, 'cache-control': 'no-store' },
      });
      done.headers.append(...orderCookie(order.id, token, publicUrl()));
      // The next purchase is another one.
      done.headers.append(...newKey(slug));
      return done;
    }
    const { code, errors = [] } = (await answer.json()) as Problem;
    if (code === 'not_found') return problem('not_found');
    const attempt: Attempt = {
      refusal: refusals.find((refusal) => refusal === code) ?? 'other',
      fields: new Set(
        errors.flatMap(({ path }) =>
          path === 'customer.email' ? ['email'] : path === 'sku' || path === 'quantity' ? [path] : [],
        ) as ('email' | 'sku' | 'quantity')[],
      ),
      ...{ sku, name, quantity: field('quantity'), email },
    };
    return refuseForm(c, slug, attempt, answer);
  };

  return new Hono()
    .get('/', (c) => homePage(store.snapshot.drops(), languageOf(c), clock.now()))
    .get('/d/:slug', (c) => showDrop(c))
    .post('/d/:slug', buy)
    .get('/assets/shop.css', () => asset(shopStyle, 'text/css'))
    .get('/assets/shop.js', () => asset(shopScript, 'text/javascript'))
    .get('/images/sample-sneaker.svg', () => samplePicture());
}
