/**
 * /orders/find: sends the links of an address's orders. The answer is the same for every address.
 */
import { type Context, Hono } from 'hono';
import * as v from 'valibot';
import { findOrdersPage } from '../pages/find-orders-page.ts';
import { prefersPage } from './accepted.ts';
import type { Deps } from './deps.ts';
import { check, isForm, json, readJson } from './json.ts';
import { languageOf } from './language.ts';
import { email } from './schema.ts';
import { readShopForm } from './shop-form.ts';

export const findBody = v.strictObject({ email });

/** Whether the shop sends e-mail. */
export const hasMail = ({ subscribers }: Pick<Deps, 'subscribers'>): boolean =>
  subscribers.some(({ kind }) => kind === 'mail');

export function findOrderRoutes(deps: Deps) {
  const { db, ids, clock, log, rateLimits } = deps;

  const requestLinks = async (recipient: string): Promise<void> => {
    const { kind } = await db.submit({ kind: 'requestLinks', recipient });
    if (kind !== 'done') log.warn({ code: kind }, 'an e-mail with order links was not sent');
  };
  /** After the answer, so that its timing reveals nothing about the address. */
  const mailLinks = (c: Context, address: string): void => {
    const customer = ids.customer(address);
    if (!hasMail(deps) || rateLimits?.mayMailLinks(c, customer) === false) return;
    clock.soon(() => {
      requestLinks(customer).catch((error: unknown) =>
        log.error({ error: String(error) }, 'an e-mail with order links was not sent'),
      );
    });
  };

  const find = async (c: Context): Promise<Response> => {
    const tooMany = rateLimits?.limitFinds(c);
    if (tooMany) return tooMany;
    if (!isForm(c.req.header('content-type'))) {
      const body = await readJson(c, findBody);
      if (body instanceof Response) return body;
      mailLinks(c, body.email);
      return json({ accepted: true }, 202);
    }
    const field = await readShopForm(c, deps);
    if (field instanceof Response) return field;
    const body = check(findBody, { email: field('email') });
    if (body instanceof Response) {
      return prefersPage(c.req.header('accept'))
        ? findOrdersPage('wrong', languageOf(c), field('email'))
        : body;
    }
    mailLinks(c, body.email);
    return new Response(null, {
      status: 303,
      headers: { location: '/orders/find?sent=yes', 'cache-control': 'no-store' },
    });
  };

  return new Hono()
    .get('/orders/find', (c) =>
      findOrdersPage(
        hasMail(deps) ? (c.req.query('sent') === 'yes' ? 'sent' : 'asked') : 'no_mail',
        languageOf(c),
      ),
    )
    .post('/orders/find', find);
}
