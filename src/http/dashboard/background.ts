/** /admin/ui/refunds, /webhooks and /customers: background work, and deletion of personal data. */
import { Hono } from 'hono';
import { customersPage } from '../../pages/admin/customers-page.ts';
import { settleFormOf } from '../../pages/admin/form-fields.ts';
import { refundsPage } from '../../pages/admin/refunds-page.ts';
import type { Attempt, RefusalView } from '../../pages/admin/views.ts';
import { webhooksPage } from '../../pages/admin/webhooks-page.ts';
import { pathWith } from './api.ts';
import { attemptOf, doneAt, type PageRequest, type WithSession, writtenAt } from './page-request.ts';
import { settleRefund } from './settle-refund.ts';

const refunds = '/admin/ui/refunds';
const customers = '/admin/ui/customers';

async function showRefunds(
  { c, viewer, api }: PageRequest,
  refusal: RefusalView | null,
  attempt: Attempt | null = null,
): Promise<Response> {
  const status = c.req.query('status') || 'failed';
  const cursor = c.req.query('cursor') ?? '';
  const found = await api.call('listRefunds', { query: { status, cursor } });
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
const listOf = ({ c }: PageRequest): string => pathWith(refunds, { cursor: c.req.query('cursor') ?? '' });

async function retry(request: PageRequest): Promise<Response> {
  const retried = await request.api.call('retryRefund', { id: request.c.req.param('id') ?? '' });
  return retried.refusal
    ? showRefunds(request, retried.refusal)
    : writtenAt(listOf(request), 'retried', retried);
}

async function settle(request: PageRequest): Promise<Response> {
  const id = request.c.req.param('id') ?? '';
  const settled = await settleRefund(request, id);
  if (!settled.refusal) return writtenAt(listOf(request), 'settled', settled);
  return showRefunds(request, settled.refusal, attemptOf(settleFormOf(id), request, settled.refusal));
}

async function reconcile(request: PageRequest): Promise<Response> {
  const asked = await request.api.call('reconcile');
  if (asked.refusal) return showRefunds(request, asked.refusal);
  const { payments, movements, failed } = asked.value;
  return failed > 0
    ? doneAt(refunds, 'unasked', failed)
    : doneAt(refunds, 'reconciled', payments + movements);
}

async function showWebhooks({ c, viewer, api }: PageRequest): Promise<Response> {
  const list = viewer.isEdge ? await api.call('adminListDrops') : null;
  const drops = list?.value?.drops ?? [];
  const dropId = c.req.query('dropId') || (drops[0]?.id ?? '');
  const found = await api.call('listSubscribers', { query: { dropId } });
  return webhooksPage({
    viewer,
    drops,
    dropId,
    headSeq: found.value?.headSeq ?? 0,
    subscribers: found.value?.subscribers ?? [],
    refusal: found.refusal ?? null,
  });
}

async function erase(request: PageRequest): Promise<Response> {
  const { viewer, api, form } = request;
  const email = form.get('email') ?? '';
  if (email !== form.get('again')) {
    const errors = [{ path: 'again', message: 'Must match the e-mail address.' }];
    return customersPage(
      viewer,
      attemptOf('erase', request, { status: 422, code: 'invalid', detail: '', errors }),
    );
  }
  // The ids that the page listed, as one field.
  const openOrders = (form.get('openOrders') ?? '').split(' ').filter(Boolean);
  const erased = await api.call('eraseCustomer', { body: { email, openOrders } });
  return erased.refusal
    ? customersPage(viewer, attemptOf('erase', request, erased.refusal))
    : doneAt(customers, 'erased', erased.value.orders);
}

export function backgroundPageRoutes(withSession: WithSession) {
  return new Hono()
    .get(
      refunds,
      withSession((request) => showRefunds(request, null)),
    )
    .post(`${refunds}/reconcile`, withSession(reconcile))
    .post(`${refunds}/:id/retry`, withSession(retry))
    .post(`${refunds}/:id/settle`, withSession(settle))
    .get('/admin/ui/webhooks', withSession(showWebhooks))
    .get(
      customers,
      withSession(async ({ viewer }) => customersPage(viewer, null)),
    )
    .post(customers, withSession(erase));
}
