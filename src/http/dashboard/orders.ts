/** /admin/ui/orders: find, fulfil and refund orders. */
import { Hono } from 'hono';
import { refusedPage } from '../../pages/admin/admin-document.ts';
import { settleFormOf } from '../../pages/admin/form-fields.ts';
import { operatedOrderPage } from '../../pages/admin/operated-order-page.ts';
import { ordersPage } from '../../pages/admin/orders-page.ts';
import type { Attempt } from '../../pages/admin/views.ts';
import { attemptOf, type PageRequest, type WithSession, writtenAt } from './page-request.ts';
import { settleRefund } from './settle-refund.ts';

const section = '/admin/ui/orders';
const idOf = ({ c }: PageRequest): string => c.req.param('id') ?? '';
const pageOf = (request: PageRequest): string => `${section}/${encodeURIComponent(idOf(request))}`;

/** Filters come from the URL, or from the form with an e-mail address. */
async function listOrders({ c, viewer, api, form }: PageRequest): Promise<Response> {
  const given = (name: string): string => form.get(name) ?? c.req.query(name) ?? '';
  const asked = {
    dropId: given('dropId'),
    status: given('status'),
    cursor: given('cursor'),
    dispute: given('dispute'),
    email: form.get('email') ?? '',
  };
  const [found, drops] = await Promise.all([
    api.call('listOrders', { query: asked }),
    api.call('adminListDrops'),
  ]);
  const known = drops.value?.drops ?? [];
  const dropId =
    known.find(({ id, slug }) => id === asked.dropId || slug === asked.dropId)?.id ?? asked.dropId;
  return ordersPage({
    viewer,
    asked: { ...asked, dropId },
    drops: known,
    orders: found.value?.orders ?? [],
    nextCursor: found.value?.nextCursor ?? null,
    refusal: found.refusal ?? null,
  });
}

async function showOrder(request: PageRequest, attempt: Attempt | null): Promise<Response> {
  const { viewer, api } = request;
  const found = await api.call('adminGetOrder', { id: idOf(request) });
  if (found.refusal) return refusedPage(viewer, section, found.refusal);
  const drop = await api.call('adminGetDrop', { id: found.value.order.dropId });
  return operatedOrderPage({ ...found.value, viewer, attempt, dropTitle: drop.value?.title ?? null });
}

async function change(
  request: PageRequest,
  operation: 'fulfilOrder' | 'refundOrder',
  form: string,
  done: string,
  body: object,
): Promise<Response> {
  const written = await request.api.call(operation, { id: idOf(request), body });
  return written.refusal
    ? showOrder(request, attemptOf(form, request, written.refusal))
    : writtenAt(pageOf(request), done, written);
}

async function settle(request: PageRequest): Promise<Response> {
  const refundId = request.c.req.param('refund') ?? '';
  const settled = await settleRefund(request, refundId);
  return settled.refusal
    ? showOrder(request, attemptOf(settleFormOf(refundId), request, settled.refusal))
    : writtenAt(pageOf(request), 'settled', settled);
}

export function orderPageRoutes(withSession: WithSession) {
  return new Hono()
    .get(section, withSession(listOrders))
    .post(section, withSession(listOrders))
    .get(
      `${section}/:id`,
      withSession((request) => showOrder(request, null)),
    )
    .post(
      `${section}/:id/fulfil`,
      withSession((request) =>
        change(request, 'fulfilOrder', 'fulfil', 'fulfilled', {
          trackingCode: request.form.get('trackingCode') || null,
          despiteDispute: request.form.get('despiteDispute') === 'yes',
        }),
      ),
    )
    .post(`${section}/:id/refunds/:refund/settle`, withSession(settle))
    .post(
      `${section}/:id/refund`,
      withSession((request) =>
        change(request, 'refundOrder', 'refund', 'refunded', {
          restock: request.form.get('restock') !== 'no',
        }),
      ),
    );
}
