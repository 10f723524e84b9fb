/** The storefront: /, /d/:slug and /o/:id, rendered here, useful without script; it buys through POST /purchase like everybody. */
import { type Context, Hono } from 'hono';
import { getCookie } from 'hono/cookie';
import { type Attempt, dropPage } from '../pages/drop-page.ts';
import { homePage } from '../pages/home-page.ts';
import { orderPage, strangerOrderPage } from '../pages/order-page.ts';
import { samplePicture } from '../pages/sample-picture.ts';
import { shopScript } from '../pages/shop-script.ts';
import { shopStyle } from '../pages/shop-style.ts';
import { asset } from './asset.ts';
import type { Deps } from './deps.ts';
import { isForm, readText } from './json.ts';
import { languageOf } from './language.ts';
import { problem } from './problem.ts';
import { isBlank } from './schema.ts';

const orderIdShape = /^ord_[A-Za-z0-9_-]{22}$/;
const keyShape = /^[A-Za-z0-9-]{36}$/;
const TOKEN_SECONDS = 90 * 86_400;
const KEY_SECONDS = 86_400;
const refusals = new Set<string>([
  ...['sold_out', 'limit_reached', 'not_started', 'ended', 'paused', 'key_reused', 'rate_limited'],
  ...['invalid', 'overloaded', 'outcome_unknown'],
]);

interface Problem {
  status: number;
  code: string;
  errors?: { path: string }[];
}

/** `send` answers a request as this application answers everybody. */
export function storefrontRoutes(deps: Deps, send: (request: Request, c: Context) => Promise<Response>) {
  const { store, ids, clock, publicUrl, runtime } = deps;
  const isSocket = runtime === 'workerd';

  const cookie = (name: string, value: string, path: string, seconds: number): readonly [string, string] => {
    const isSecure = publicUrl().startsWith('https:');
    const attributes = `Path=${path}; Max-Age=${seconds}; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`;
    return ['set-cookie', `${name}=${value}; ${attributes}`];
  };
  const keyCookie = (slug: string, key: string) => cookie('buy', key, `/d/${slug}`, KEY_SECONDS);
  /** A form of another site is none of ours. Browsers say where a form comes from. */
  const isForeign = (c: Context): boolean => c.req.header('sec-fetch-site') === 'cross-site';

  const showDrop = (c: Context, attempt: Attempt | null, newKey: boolean): Response => {
    const drop = store.snapshot.find(c.req.param('slug') ?? '');
    if (!drop?.published) return problem('not_found');
    const known = getCookie(c, 'buy') ?? '';
    // Kept until the purchase has worked: after a reload, or on the way back, the same form is still the same order.
    const isKept = !newKey && keyShape.test(known);
    const key = isKept ? known : crypto.randomUUID();
    const headers = isKept ? [] : [keyCookie(drop.slug, key)];
    return dropPage({ drop, language: languageOf(c), now: clock.now(), key, attempt, isSocket, headers });
  };

  const buy = async (c: Context): Promise<Response> => {
    if (isForeign(c)) return problem('forbidden', { detail: 'This form belongs to another site.' });
    // From here on the drop's own slug counts: the path may hold blanks that the API trims, and that no header can carry.
    const slug = store.snapshot.find(c.req.param('slug') ?? '')?.slug;
    if (slug === undefined) return problem('not_found');
    if (!isForm(c.req.header('content-type'))) return problem('unsupported_media_type');
    const text = await readText(c.req.raw);
    if (text instanceof Response) return text;
    const form = new URLSearchParams(text);
    const field = (name: string): string => {
      const typed = form.get(name)?.trim() ?? '';
      return isBlank(typed) ? '' : typed;
    };
    const [key, sku, name] = [field('key'), field('sku'), field('name')];
    const headers = new Headers(c.req.raw.headers);
    headers.set('content-type', 'application/json');
    headers.delete('content-length');
    if (keyShape.test(key)) headers.set('idempotency-key', key);
    const body = JSON.stringify({
      dropId: slug,
      ...(sku !== '' && { sku }),
      quantity: Number(field('quantity') || '1'),
      customer: { email: field('email'), ...(name !== '' && { name }) },
    });
    const purchase = new URL('/purchase', c.req.url);
    const answer = await send(new Request(purchase, { method: 'POST', headers, body }), c);
    if (answer.ok) {
      const { order, token } = (await answer.json()) as { order: { id: string }; token: string };
      const done = new Response(null, {
        status: 303,
        headers: { location: `/o/${order.id}`, 'cache-control': 'no-store' },
      });
      done.headers.append(...cookie('order', token, `/o/${order.id}`, TOKEN_SECONDS));
      // The next purchase is another one.
      done.headers.append(...keyCookie(slug, crypto.randomUUID()));
      return done;
    }
    const { status, code, errors = [] } = (await answer.json()) as Problem;
    if (code === 'not_found') return problem('not_found');
    const attempt: Attempt = {
      refusal: (refusals.has(code) ? code : 'other') as Attempt['refusal'],
      fields: new Set(
        errors.flatMap(({ path }) =>
          path === 'customer.email' ? ['email'] : path === 'sku' || path === 'quantity' ? [path] : [],
        ) as ('email' | 'sku' | 'quantity')[],
      ),
      ...{ sku, name, status, quantity: field('quantity'), email: field('email') },
    };
    // A key that belongs to another order would be refused for ever.
    return showDrop(c, attempt, code === 'key_reused');
  };

  /** The order whose token this browser holds; null for all others. */
  const ownOrder = (c: Context) => {
    const orderId = c.req.param('id') ?? '';
    const key = ids.parseOrder(orderId);
    if (!key || !ids.isOrderToken(orderId, getCookie(c, 'order') ?? '')) return null;
    const order = store.reads.order(key.orderId)?.order;
    const drop = order && store.snapshot.get(order.dropId);
    return order && drop ? { order, drop, orderId, number: String(ids.orderNumber(order.id)) } : null;
  };

  return new Hono()
    .get('/', (c) => homePage(store.snapshot.drops(), languageOf(c), clock.now()))
    .get('/d/:slug', (c) => showDrop(c, null, false))
    .post('/d/:slug', buy)
    .get('/o/:id', (c) => {
      if (!orderIdShape.test(c.req.param('id'))) return problem('not_found');
      const own = ownOrder(c);
      return own ? orderPage(own, languageOf(c), clock.now()) : strangerOrderPage(languageOf(c));
    })
    .post('/o/:id/cancel', async (c) => {
      const id = c.req.param('id');
      if (!orderIdShape.test(id)) return problem('not_found');
      if (isForeign(c)) return problem('forbidden', { detail: 'This form belongs to another site.' });
      const own = ownOrder(c);
      if (own) await store.submit({ kind: 'cancelOrder', orderId: own.order.id });
      // Whatever became of it, the page says it.
      return new Response(null, { status: 303, headers: { location: `/o/${id}` } });
    })
    .get('/assets/shop.css', () => asset(shopStyle, 'text/css'))
    .get('/assets/shop.js', () => asset(shopScript, 'text/javascript'))
    .get('/images/sample-sneaker.svg', () => samplePicture());
}
