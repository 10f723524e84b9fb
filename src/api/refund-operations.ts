/** The routes of refunds and of asking the providers, as the published document tells them. */
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
    summary: 'Refunds, newest first: those that were given up, unless `status` asks for others',
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
    summary: 'Try a refund again that was given up',
    access: 'refunds:write',
    headers: once,
    answers: [{ status: 200, description: 'It is pending again.', schema: answers.retriedRefund }],
    refusals: ['not_found', 'refund_not_failed'],
    writes: true,
  },
  {
    id: 'settleRefund',
    method: 'post',
    path: '/admin/refunds/:id/settle',
    tag,
    summary: 'Note that a failed refund was made by hand, outside the provider',
    description: 'The order ends as refunded. The note is kept with the refund and erased with the customer.',
    access: 'refunds:write',
    headers: once,
    body: { schema: settleBody, example: { note: 'Bank transfer of 3 May, reference 4711' } },
    answers: [{ status: 200, description: 'It is settled.', schema: answers.settledRefund }],
    refusals: ['not_found', 'refund_not_failed'],
    writes: true,
  },
  {
    id: 'reconcile',
    method: 'post',
    path: '/admin/reconcile',
    tag,
    summary:
      'Ask the payment providers about every checkout whose end is not known, and about disputes and refunds',
    access: 'refunds:write',
    answers: [{ status: 200, description: 'What was found.', schema: answers.reconciliation }],
    refusals: [],
    writes: true,
  },
]);
