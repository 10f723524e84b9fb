/** /o/:id: an order in the browser that holds its token, from a cookie or from a link's form. */
import { type Context, Hono } from 'hono';
import { getCookie } from 'hono/cookie';
import { moneyReads } from '../database/money-reads.ts';
import { orderReads } from '../database/order-reads.ts';
import {
  type OrderPage,
  type OwnOrder,
  orderPage,
  type ReturnedFrom,
  strangerOrderPage,
} from '../pages/order-page.ts';
import type { Deps } from './deps.ts';
import { hasMail } from './find-orders.ts';
import { isForm } from './json.ts';
import { languageOf } from './language.ts';
import { openedOrderId } from './order-token.ts';
import { refuseForeignForm, refuseUnnamedForm } from './own-form.ts';
import { problem, refuse } from './problem.ts';
import { seeOther } from './see-other.ts';
import { shopCookie } from './shop-cookie.ts';
import { readShopForm } from './shop-form.ts';

const orderIdShape = /^ord_[A-Za-z0-9_-]{22}$/;
/** A link as e-mails contain it; buyers paste it whole, with line breaks. */
const link = /\/o\/(ord_[A-Za-z0-9_-]{22})(?:\?[^#]*)?#([A-Za-z0-9_-]{22})$/;
const TOKEN_SECONDS = 90 * 86_400;
const PROBE_SECONDS = 600;

/** The cookie that lets a browser show an order. */
export const orderCookie = (orderId: string, token: string, publicUrl: string) =>
  shopCookie({ name: 'order', value: token, path: `/o/${orderId}`, seconds: TOKEN_SECONDS }, publicUrl);

/** The order and the token in a pasted text: a whole link, or only the token. */
function readPasted(text: string, orderId: string): { orderId: string; token: string } {
  const pasted = text.replaceAll(/\s/g, '');
  const [, id = orderId, token = pasted] = link.exec(pasted) ?? [];
  return { orderId: id, token };
}

/** Prefix match, because a provider may append parameters of its own. */
const returnedFrom = (c: Context): ReturnedFrom => {
  const { from = '' } = c.req.query();
  return (['paid', 'declined', 'cancelled'] as const).find((way) => from.startsWith(way)) ?? null;
};

/** Outcomes of a command that did not change the order, or may not have. */
const notDone: ReadonlySet<string> = new Set(['overloaded', 'disk_full', 'stopping', 'outcome_unknown']);

/** The order that this token gives access to; null for any other. */
export function openOrder(deps: Deps, orderId: string, token: string): OwnOrder | null {
  const { db, ids, sandbox } = deps;
  const key = openedOrderId(ids, orderId, token);
  const found = key === null ? undefined : orderReads(db).order(key);
  const drop = found && db.snapshot.get(found.order.dropId);
  if (key === null || !found || !drop) return null;
  return {
    ...found,
    drop,
    orderId,
    token: null,
    isSandbox: sandbox !== null,
    mayBePaid: moneyReads(db).openCheckoutsOfOrder(key).length > 0,
    number: String(ids.orderNumber(key)),
  };
}

export function orderPageRoutes(deps: Deps) {
  const { db, ids, clock, publicUrl } = deps;

  const showOwn = (c: Context, own: OwnOrder, more: Pick<OrderPage, 'failed'> = {}): Response =>
    own.drop.movedAt
      ? refuse({ kind: 'drop_moved' })
      : orderPage(own, { language: languageOf(c), now: clock.now(), from: returnedFrom(c), ...more });
  const askToken = (c: Context, isWrong: boolean): Response => {
    const orderId = c.req.param('id') ?? '';
    // Comes back with the form if the browser keeps cookies.
    const probe = { name: 'probe', value: '1', path: `/o/${orderId}`, seconds: PROBE_SECONDS };
    const headers = [shopCookie(probe, publicUrl())];
    const asked = { orderId, language: languageOf(c), from: returnedFrom(c) };
    return strangerOrderPage({ ...asked, isWrong, hasMail: hasMail(deps), headers });
  };

  const show = (c: Context): Response => {
    const id = c.req.param('id') ?? '';
    if (!orderIdShape.test(id)) return problem('not_found');
    const own = openOrder(deps, id, getCookie(c, 'order') ?? '');
    return own ? showOwn(c, own) : askToken(c, false);
  };

  /** Stores a form's token in a cookie and redirects to the page. */
  const open = async (c: Context): Promise<Response> => {
    const id = c.req.param('id') ?? '';
    if (!orderIdShape.test(id)) return problem('not_found');
    const field = await readShopForm(c, deps);
    if (field instanceof Response) return field;
    const { orderId, token } = readPasted(field('token'), id);
    if (!ids.isOrderToken(orderId, token)) return askToken(c, true);
    const from = returnedFrom(c);
    const hasCookies = getCookie(c, 'probe') !== undefined || getCookie(c, 'order') !== undefined;
    const own = openOrder(deps, orderId, token);
    const answer =
      orderId !== id
        ? seeOther(`/o/${orderId}#${token}`)
        : hasCookies || !own
          ? seeOther(`/o/${orderId}${from === null ? '' : `?from=${from}`}`)
          : showOwn(c, { ...own, token });
    answer.headers.append(...orderCookie(orderId, token, publicUrl()));
    return answer;
  };

  const cancel = async (c: Context): Promise<Response> => {
    const id = c.req.param('id') ?? '';
    if (!orderIdShape.test(id)) return problem('not_found');
    const foreign = refuseForeignForm(c, deps);
    if (foreign) return foreign;
    const field = isForm(c.req.header('content-type')) ? await readShopForm(c, deps) : () => '';
    if (field instanceof Response) return field;
    const typed = field('token');
    const isTyped = ids.isOrderToken(id, typed);
    const ownToken = [typed, getCookie(c, 'order') ?? ''].find((token) => ids.isOrderToken(id, token)) ?? '';
    const unnamed = isTyped || ownToken === '' ? null : refuseUnnamedForm(c);
    if (unnamed) return unnamed;
    const own = openOrder(deps, id, ownToken);
    if (!own) return seeOther(`/o/${id}`);
    const outcome = await db.submit({ kind: 'cancelOrder', orderId: own.order.id });
    // A form sends the token only if the browser keeps no cookies.
    const token = typed === '' ? null : ownToken;
    const after = openOrder(deps, id, ownToken) ?? own;
    if (notDone.has(outcome.kind)) {
      const kind = outcome.kind === 'outcome_unknown' ? 'unknown' : 'unavailable';
      return showOwn(c, { ...after, token }, { failed: { status: 503, kind } });
    }
    // The page shows the outcome.
    return token === null ? seeOther(`/o/${id}`) : showOwn(c, { ...after, token });
  };

  return new Hono().get('/o/:id', show).post('/o/:id', open).post('/o/:id/cancel', cancel);
}
