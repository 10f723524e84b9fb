/** POST /d/:slug: buys by the form of a drop's page, through POST /purchase. */
import type { Context } from 'hono';
import type { Attempt } from '../pages/drop-page.ts';
import { orderPage } from '../pages/order-page.ts';
import { attemptFields, encodeAttempt, refusals } from './attempt-cookie.ts';
import type { Deps } from './deps.ts';
import { attemptCookie, dropCookie, hasCookies, isKey, openCookie, setKey } from './drop-cookies.ts';
import { languageOf } from './language.ts';
import { openOrder, orderCookie } from './order-pages.ts';
import { problem } from './problem.ts';
import { seeOther } from './see-other.ts';
import { readShopForm } from './shop-form.ts';
import { showDrop } from './show-drop.ts';

/** A field of the form, trimmed. */
type Field = (name: string) => string;

/**
 * How long a refused form is kept to be shown again: longer than most holds, whose end frees units.
 */
const ATTEMPT_SECONDS = 3_600;

/** The request that any client would send. */
function purchaseOf(c: Context, slug: string, field: Field): Request {
  const [key, sku, name] = [field('key'), field('sku'), field('name')];
  const headers = new Headers(c.req.raw.headers);
  headers.set('content-type', 'application/json');
  headers.set('accept', 'application/json');
  headers.delete('content-length');
  if (isKey(key)) headers.set('idempotency-key', key);
  const body = JSON.stringify({
    dropId: slug,
    ...(sku !== '' && { sku }),
    quantity: Number(field('quantity') || '1'),
    customer: { email: field('email'), ...(name !== '' && { name }) },
  });
  return new Request(new URL('/purchase', c.req.url), { method: 'POST', headers, body });
}

/** Leads to the order's page; without cookies, this answer is the page. */
async function showBought(c: Context, slug: string, answer: Response, deps: Deps): Promise<Response> {
  const { clock } = deps;
  const publicUrl = deps.publicUrl();
  const { order, token } = (await answer.json()) as {
    order: { id: string; holdExpiresAt: string };
    token: string;
  };
  const own = hasCookies(c) ? null : openOrder(deps, order.id, token);
  const done = own
    ? orderPage({ ...own, token }, { language: languageOf(c), now: clock.now(), from: null })
    : // With the token, so that the page opens even if the cookie is refused; servers never see a
      // fragment.
      seeOther(`/o/${order.id}#${token}`);
  done.headers.append(...orderCookie(order.id, token, publicUrl));
  const seconds = Math.max(0, Math.ceil((Date.parse(order.holdExpiresAt) - clock.now()) / 1000));
  done.headers.append(...dropCookie(slug, openCookie, order.id, seconds, publicUrl));
  // The next purchase needs a new key.
  done.headers.append(...setKey(slug, crypto.randomUUID(), publicUrl));
  return done;
}

const attemptOf = (field: Field, code: string, wrongPaths: readonly string[]): Attempt => ({
  refusal: refusals.find((refusal) => refusal === code) ?? 'other',
  fields: new Set(
    attemptFields.filter((name) => wrongPaths.includes(name) || wrongPaths.includes(`customer.${name}`)),
  ),
  sku: field('sku'),
  name: field('name'),
  quantity: field('quantity'),
  email: field('email'),
});

/**
 * Shows a refused form by GET, because reloading a page that answered a POST would resubmit it.
 */
function showRefused(c: Context, slug: string, attempt: Attempt, answer: Response, deps: Deps): Response {
  const publicUrl = deps.publicUrl();
  if (!hasCookies(c)) {
    const retry = answer.headers.get('retry-after');
    const headers = retry === null ? [] : [['retry-after', retry] as const];
    return showDrop(c, deps, { attempt, status: answer.status, headers });
  }
  return seeOther(`/d/${slug}`, [
    dropCookie(slug, attemptCookie, encodeAttempt(attempt), ATTEMPT_SECONDS, publicUrl),
    // A key that belongs to another order would be refused every time.
    ...(attempt.refusal === 'key_reused' ? [setKey(slug, crypto.randomUUID(), publicUrl)] : []),
  ]);
}

/** `send` answers a request like one from any client. */
export async function buyByForm(
  c: Context,
  deps: Deps,
  send: (request: Request, c: Context) => Promise<Response>,
): Promise<Response> {
  // The drop's slug, not the path's: the path may contain blanks, which the API trims and a header
  // can't carry.
  const slug = deps.db.snapshot.find(c.req.param('slug') ?? '')?.slug;
  if (slug === undefined) return problem('not_found');
  const field = await readShopForm(c, deps);
  if (field instanceof Response) return field;
  const answer = await send(purchaseOf(c, slug, field), c);
  if (answer.ok) return showBought(c, slug, answer, deps);
  const { code, errors = [] } = (await answer.json()) as { code: string; errors?: { path: string }[] };
  if (code === 'not_found') return problem('not_found');
  const wrongPaths = errors.map(({ path }) => path);
  return showRefused(c, slug, attemptOf(field, code, wrongPaths), answer, deps);
}
