/** /admin/ui/refunds, /webhooks and /customers: background work, and deletion of personal data. */
import { Hono } from 'hono';
import { customersPage } from '../../pages/admin/customers-page.ts';
import { settleFormOf } from '../../pages/admin/form-fields.ts';
import { refundsPage } from '../../pages/admin/refunds-page.ts';
import type { Attempt, DropView, FollowerView, RefundView, RefusalView } from '../../pages/admin/views.ts';
import { webhooksPage } from '../../pages/admin/webhooks-page.ts';
import { pathWith } from './api.ts';
import { settleRefund } from './settle-refund.ts';
import { attemptOf, doneAt, type Visit, type Visited, writtenAt } from './visit.ts';

const refunds = '/admin/ui/refunds';
const customers = '/admin/ui/customers';

async function showRefunds(
  { c, viewer, api }: Visit,
  refusal: RefusalView | null,
  attempt: Attempt | null = null,
): Promise<Response> {
  const status = c.req.query('status') || 'failed';
  const cursor = c.req.query('cursor') ?? '';
  const found = await api.get<{ refunds: RefundView[]; nextCursor: string | null }>(
    pathWith('/admin/refunds', { status, cursor }),
  );
  return refundsPage({
    viewer,
    status,
    cursor,
    refunds: found.value?.refunds ?? [],
    nextCursor: found.value?.nextCursor ?? null,
    refusal: refusal ?? found.refusal ?? null,
    attempt,
  });
}

/** URL of the list page that the form was on. */
const listOf = ({ c }: Visit): string => pathWith(refunds, { cursor: c.req.query('cursor') ?? '' });

async function retry(visit: Visit): Promise<Response> {
  const id = encodeURIComponent(visit.c.req.param('id') ?? '');
  const retried = await visit.api.write('POST', `/admin/refunds/${id}/retry`);
  return retried.refusal ? showRefunds(visit, retried.refusal) : writtenAt(listOf(visit), 'retried', retried);
}

async function settle(visit: Visit): Promise<Response> {
  const id = visit.c.req.param('id') ?? '';
  const settled = await settleRefund(visit, id);
  if (!settled.refusal) return writtenAt(listOf(visit), 'settled', settled);
  return showRefunds(visit, settled.refusal, attemptOf(settleFormOf(id), visit, settled.refusal));
}

async function reconcile(visit: Visit): Promise<Response> {
  const asked = await visit.api.write<{ payments: number; movements: number; failed: number }>(
    'POST',
    '/admin/reconcile',
  );
  if (asked.refusal) return showRefunds(visit, asked.refusal);
  const { payments, movements, failed } = asked.value;
  return failed > 0
    ? doneAt(refunds, 'unasked', failed)
    : doneAt(refunds, 'reconciled', payments + movements);
}

async function showWebhooks({ c, viewer, api }: Visit): Promise<Response> {
  const list = viewer.isEdge ? await api.get<{ drops: DropView[] }>('/admin/drops') : null;
  const drops = list?.value?.drops ?? [];
  const dropId = c.req.query('dropId') || (drops[0]?.id ?? '');
  const found = await api.get<{ headSeq: number; followers: FollowerView[] }>(
    pathWith('/admin/followers', { dropId }),
  );
  return webhooksPage({
    viewer,
    drops,
    dropId,
    headSeq: found.value?.headSeq ?? 0,
    followers: found.value?.followers ?? [],
    refusal: found.refusal ?? null,
  });
}

async function erase(visit: Visit): Promise<Response> {
  const { viewer, api, form } = visit;
  const email = form.get('email') ?? '';
  if (email !== form.get('again')) {
    const errors = [{ path: 'again', message: 'Must match the e-mail address.' }];
    return customersPage(
      viewer,
      attemptOf('erase', visit, { status: 422, code: 'invalid', detail: '', errors }),
    );
  }
  // The ids that the page listed, as one field.
  const openOrders = (form.get('openOrders') ?? '').split(' ').filter(Boolean);
  const erased = await api.write<{ orders: number }>('POST', '/admin/customers/erase', { email, openOrders });
  return erased.refusal
    ? customersPage(viewer, attemptOf('erase', visit, erased.refusal))
    : doneAt(customers, 'erased', erased.value.orders);
}

export function backgroundPageRoutes(visited: Visited) {
  return new Hono()
    .get(
      refunds,
      visited((visit) => showRefunds(visit, null)),
    )
    .post(`${refunds}/reconcile`, visited(reconcile))
    .post(`${refunds}/:id/retry`, visited(retry))
    .post(`${refunds}/:id/settle`, visited(settle))
    .get('/admin/ui/webhooks', visited(showWebhooks))
    .get(
      customers,
      visited(async ({ viewer }) => customersPage(viewer, null)),
    )
    .post(customers, visited(erase));
}
