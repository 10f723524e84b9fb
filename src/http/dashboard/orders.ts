/** /admin/ui/orders: find, fulfil and refund orders. */
import { Hono } from 'hono';
import { refusedPage } from '../../pages/admin/admin-document.ts';
import { settleFormOf } from '../../pages/admin/form-fields.ts';
import { operatedOrderPage } from '../../pages/admin/operated-order-page.ts';
import { ordersPage } from '../../pages/admin/orders-page.ts';
import type { Attempt, DropView, OrderView, OrderWithMoneyView } from '../../pages/admin/views.ts';
import { pathWith } from './api.ts';
import { settleRefund } from './settle-refund.ts';
import { attemptOf, type Visit, type Visited, writtenAt } from './visit.ts';

const section = '/admin/ui/orders';
const idOf = ({ c }: Visit): string => encodeURIComponent(c.req.param('id') ?? '');

/** Filters come from the URL, or from the form with an e-mail address. */
async function listOrders({ c, viewer, api, form }: Visit): Promise<Response> {
  const given = (name: string): string => form.get(name) ?? c.req.query(name) ?? '';
  const asked = {
    dropId: given('dropId'),
    status: given('status'),
    cursor: given('cursor'),
    dispute: given('dispute'),
    email: form.get('email') ?? '',
  };
  const [found, drops] = await Promise.all([
    api.get<{ orders: OrderView[]; nextCursor: string | null }>(pathWith('/admin/orders', asked)),
    api.get<{ drops: DropView[] }>('/admin/drops'),
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

async function showOrder(visit: Visit, attempt: Attempt | null): Promise<Response> {
  const { viewer, api } = visit;
  const found = await api.get<OrderWithMoneyView>(`/admin/orders/${idOf(visit)}`);
  if (found.refusal) return refusedPage(viewer, section, found.refusal);
  const drop = await api.get<DropView>(`/admin/drops/${found.value.order.dropId}`);
  return operatedOrderPage({ ...found.value, viewer, attempt, dropTitle: drop.value?.title ?? null });
}

async function change(visit: Visit, action: string, done: string, body: object): Promise<Response> {
  const written = await visit.api.write('POST', `/admin/orders/${idOf(visit)}/${action}`, body);
  return written.refusal
    ? showOrder(visit, attemptOf(action, visit, written.refusal))
    : writtenAt(`${section}/${idOf(visit)}`, done, written);
}

async function settle(visit: Visit): Promise<Response> {
  const refundId = visit.c.req.param('refund') ?? '';
  const settled = await settleRefund(visit, refundId);
  return settled.refusal
    ? showOrder(visit, attemptOf(settleFormOf(refundId), visit, settled.refusal))
    : writtenAt(`${section}/${idOf(visit)}`, 'settled', settled);
}

export function orderPageRoutes(visited: Visited) {
  return new Hono()
    .get(section, visited(listOrders))
    .post(section, visited(listOrders))
    .get(
      `${section}/:id`,
      visited((visit) => showOrder(visit, null)),
    )
    .post(
      `${section}/:id/fulfil`,
      visited((visit) =>
        change(visit, 'fulfil', 'fulfilled', {
          trackingCode: visit.form.get('trackingCode') || null,
          despiteDispute: visit.form.get('despiteDispute') === 'yes',
        }),
      ),
    )
    .post(`${section}/:id/refunds/:refund/settle`, visited(settle))
    .post(
      `${section}/:id/refund`,
      visited((visit) =>
        change(visit, 'refund', 'refunded', { restock: visit.form.get('restock') !== 'no' }),
      ),
    );
}
