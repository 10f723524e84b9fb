/**
 * /orders/find: sends the links of an address's orders. The answer is the same for every address.
 */
import type { Context } from 'hono';
import * as v from 'valibot';
import * as answers from '../answers/schemas.ts';
import { ADDRESS_LINK_MAILS_MAX } from '../domain/client-limits.ts';
import { RECIPIENT_MAILS_MAX } from '../domain/delivery-limits.ts';
import { findOrdersPage } from '../pages/find-orders-page.ts';
import { prefersPage } from './accepted.ts';
import type { Deps } from './deps.ts';
import { check, isForm, json, readJson } from './json.ts';
import { languageOf } from './language.ts';
import { publicOperations } from './operation.ts';
import { publicRoutes } from './public-routes.ts';
import { email } from './schema.ts';
import { seeOther } from './see-other.ts';
import { readShopForm } from './shop-form.ts';

const findBody = v.strictObject({ email });

export const findOperations = publicOperations([
  {
    id: 'openFindPage',
    method: 'get',
    path: '/orders/find',
    tag: 'Purchases',
    summary: 'Show the page where buyers request lost links',
    access: 'public',
    answers: [{ status: 200, description: 'A page, with a form if mail is configured.', type: 'text/html' }],
    refusals: [],
    isLimited: true,
  },
  {
    id: 'findOrders',
    method: 'post',
    path: '/orders/find',
    tag: 'Purchases',
    summary: 'Send the links of all orders of an e-mail address to that address',
    description: `The answer is the same for every address. Nothing is sent if mail is not configured or the address has no orders. An address gets ${RECIPIENT_MAILS_MAX.links} such e-mails an hour, and ${ADDRESS_LINK_MAILS_MAX} of them by requests from one IP address; further requests send nothing. A form post is answered with 303, a form post from another site with 403.`,
    access: 'public',
    body: { schema: findBody, example: { email: 'ada@example.com' } },
    answers: [
      { status: 202, description: 'Accepted.', schema: answers.findAnswer },
      { status: 303, description: 'Redirect to the page after a form post.' },
    ],
    refusals: ['forbidden'],
    isLimited: true,
  },
]);

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
    return seeOther('/orders/find?sent=yes');
  };

  return publicRoutes(findOperations, {
    openFindPage: (c) =>
      findOrdersPage(
        hasMail(deps) ? (c.req.query('sent') === 'yes' ? 'sent' : 'asked') : 'no_mail',
        languageOf(c),
      ),
    findOrders: find,
  });
}
