/**
 * /admin/refunds and /admin/reconcile: list, retry and settle refunds; check with the providers.
 */
import * as v from 'valibot';
import { refundJson } from '../answers/representation.ts';
import * as answers from '../answers/schemas.ts';
import { moneyReads } from '../database/money-reads.ts';
import { refundStatuses } from '../domain/order.ts';
import { PAGE_ORDERS_DEFAULT, REFUND_NOTE_CHARACTERS_MAX } from '../limits.ts';
import { type OperatorRoute, operatorRoutes } from './admin-routes.ts';
import type { Deps } from './deps.ts';
import { json } from './json.ts';
import { keyHeader, operatorOperations } from './operation.ts';
import { replayedHeaders } from './operator-key.ts';
import { invalid, problem, refuse } from './problem.ts';
import { line } from './schema.ts';

const refundListQuery = v.strictObject({
  status: v.optional(v.picklist(refundStatuses), 'failed'),
  /** The id of the last refund of the previous page. */
  cursor: v.optional(v.string()),
});

const settleBody = v.strictObject({
  note: line(REFUND_NOTE_CHARACTERS_MAX, 'How the money was returned, such as the bank’s reference'),
});

export const adminRefundOperations = operatorOperations([
  {
    id: 'listRefunds',
    method: 'get',
    path: '/admin/refunds',
    summary: 'List refunds, newest first; failed ones unless `status` selects others',
    access: 'orders:read',
    page: { path: '/admin/ui/refunds', query: ['status', 'cursor'] },
    query: refundListQuery,
    answers: [{ status: 200, description: 'A page of refunds.', schema: answers.refundList }],
    refusals: [],
  },
  {
    id: 'retryRefund',
    method: 'post',
    path: '/admin/refunds/:id/retry',
    summary: 'Retry a failed refund',
    access: 'refunds:write',
    object: 'of the entry',
    headers: keyHeader,
    answers: [{ status: 200, description: 'The refund is pending again.', schema: answers.retriedRefund }],
    refusals: ['not_found', 'refund_not_failed'],
    writes: true,
  },
  {
    id: 'settleRefund',
    method: 'post',
    path: '/admin/refunds/:id/settle',
    summary: 'Record that a failed refund was paid back by hand, outside the provider',
    description:
      'The order becomes `refunded`. The note is kept with the refund and deleted with the customer’s data.',
    access: 'refunds:write',
    object: 'of the entry',
    headers: keyHeader,
    body: { schema: settleBody, example: { note: 'Bank transfer of 3 May, reference 4711' } },
    answers: [{ status: 200, description: 'The refund is settled.', schema: answers.settledRefund }],
    refusals: ['not_found', 'refund_not_failed'],
    writes: true,
  },
  {
    id: 'reconcile',
    method: 'post',
    path: '/admin/reconcile',
    summary: 'Check open checkouts, disputes and refunds with the payment providers',
    access: 'refunds:write',
    answers: [{ status: 200, description: 'The result.', schema: answers.reconciliation }],
    refusals: [],
    writes: true,
  },
]);

export function adminRefundRoutes({ db, ids, reconcile }: Deps): OperatorRoute[] {
  return operatorRoutes(adminRefundOperations, {
    listRefunds({ readQuery }) {
      const query = readQuery();
      if (query instanceof Response) return query;
      const before = query.cursor === undefined ? Number.MAX_SAFE_INTEGER : ids.parseCursor(query.cursor);
      if (before === null) return invalid('cursor', 'Must be a nextCursor of this list.');
      // One more than a page, to learn whether there is a next page.
      const found = moneyReads(db).refunds(query.status, before, PAGE_ORDERS_DEFAULT + 1);
      const page = found.slice(0, PAGE_ORDERS_DEFAULT);
      const last = found.length > page.length ? page.at(-1) : undefined;
      return json({
        refunds: page.map((refund) => refundJson(refund, ids)),
        nextCursor: last ? ids.cursor(last.id) : null,
      });
    },
    async retryRefund({ c, actor, onceFor }) {
      const refundId = ids.parseRefund(c.req.param('id') ?? '');
      if (refundId === null) return problem('not_found');
      const once = onceFor(['retry', refundId]);
      if (once instanceof Response) return once;
      const outcome = await db.submit({ kind: 'retryRefund', actor, refundId, ...once });
      return outcome.kind === 'done'
        ? json({ id: ids.refund(refundId), status: 'pending' }, 200, replayedHeaders(outcome))
        : refuse(outcome);
    },
    async settleRefund({ c, actor, readBody, onceFor }) {
      const refundId = ids.parseRefund(c.req.param('id') ?? '');
      if (refundId === null) return problem('not_found');
      const body = await readBody();
      if (body instanceof Response) return body;
      const once = onceFor(['settle', refundId, body]);
      if (once instanceof Response) return once;
      const outcome = await db.submit({
        kind: 'settleRefund',
        actor,
        refundId,
        note: body.note,
        ...once,
      });
      return outcome.kind === 'done'
        ? json({ id: ids.refund(refundId), status: 'settled' }, 200, replayedHeaders(outcome))
        : refuse(outcome);
    },
    async reconcile({ actor }) {
      const noted = await db.submit({ kind: 'logAction', actor, action: 'reconciled', dropId: null });
      return noted.kind === 'done' ? json(await reconcile()) : refuse(noted);
    },
  });
}
