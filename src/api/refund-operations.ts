/** Refund and reconciliation routes of the published OpenAPI document. */
import { refundListQuery, settleBody } from '../http/admin-refunds.ts';
import * as answers from '../http/answers.ts';
import { once, operations } from './operation.ts';

const tag = 'Operator';

export const refundOperations = operations([
  {
    id: 'listRefunds',
    method: 'get',
    path: '/admin/refunds',
    tag,
    summary: 'List refunds, newest first; failed ones unless `status` selects others',
    access: 'orders:read',
    query: refundListQuery,
    answers: [{ status: 200, description: 'A page of refunds.', schema: answers.refundList }],
    refusals: [],
  },
  {
    id: 'retryRefund',
    method: 'post',
    path: '/admin/refunds/:id/retry',
    tag,
    summary: 'Retry a failed refund',
    access: 'refunds:write',
    headers: once,
    answers: [{ status: 200, description: 'The refund is pending again.', schema: answers.retriedRefund }],
    refusals: ['not_found', 'refund_not_failed'],
    writes: true,
  },
  {
    id: 'settleRefund',
    method: 'post',
    path: '/admin/refunds/:id/settle',
    tag,
    summary: 'Record that a failed refund was paid back by hand, outside the provider',
    description:
      'The order becomes `refunded`. The note is kept with the refund and deleted with the customer’s data.',
    access: 'refunds:write',
    headers: once,
    body: { schema: settleBody, example: { note: 'Bank transfer of 3 May, reference 4711' } },
    answers: [{ status: 200, description: 'The refund is settled.', schema: answers.settledRefund }],
    refusals: ['not_found', 'refund_not_failed'],
    writes: true,
  },
  {
    id: 'reconcile',
    method: 'post',
    path: '/admin/reconcile',
    tag,
    summary: 'Check open checkouts, disputes and refunds with the payment providers',
    access: 'refunds:write',
    answers: [{ status: 200, description: 'The result.', schema: answers.reconciliation }],
    refusals: [],
    writes: true,
  },
]);
