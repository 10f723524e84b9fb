/**
 * /admin/refunds and /admin/reconcile: list, retry and settle refunds; check with the providers.
 */
import * as v from 'valibot';
import { moneyReads } from '../database/money-reads.ts';
import { refundStatuses } from '../domain/order.ts';
import { PAGE_ORDERS_DEFAULT, REFUND_NOTE_CHARACTERS_MAX } from '../limits.ts';
import type { AdminRoute } from './admin-routes.ts';
import type { Deps } from './deps.ts';
import { check, json, readJson } from './json.ts';
import { onceBy, replayedHeaders } from './operator-key.ts';
import { invalid, problem, refuse } from './problem.ts';
import { refundJson } from './representation.ts';
import { line } from './schema.ts';

export const refundListQuery = v.strictObject({
  status: v.optional(v.picklist(refundStatuses), 'failed'),
  /** The id of the last refund of the previous page. */
  cursor: v.optional(v.string()),
});

export const settleBody = v.strictObject({
  note: line(REFUND_NOTE_CHARACTERS_MAX, 'How the money was returned, such as the bank’s reference'),
});

export function adminRefundRoutes({ db, ids, reconcile }: Deps): AdminRoute[] {
  return [
    {
      method: 'GET',
      path: '/admin/refunds',
      scope: 'orders:read',
      handle(c) {
        const query = check(refundListQuery, c.req.query());
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
    },
    {
      method: 'POST',
      path: '/admin/refunds/:id/retry',
      scope: 'refunds:write',
      async handle(c, { actor }) {
        const refundId = ids.parseRefund(c.req.param('id') ?? '');
        if (refundId === null) return problem('not_found');
        const once = onceBy(c, ids, actor, ['retry', refundId]);
        if (once instanceof Response) return once;
        const outcome = await db.submit({ kind: 'retryRefund', actor, refundId, ...once });
        return outcome.kind === 'done'
          ? json({ id: ids.refund(refundId), status: 'pending' }, 200, replayedHeaders(outcome))
          : refuse(outcome);
      },
    },
    {
      method: 'POST',
      path: '/admin/refunds/:id/settle',
      scope: 'refunds:write',
      async handle(c, { actor }) {
        const refundId = ids.parseRefund(c.req.param('id') ?? '');
        if (refundId === null) return problem('not_found');
        const body = await readJson(c, settleBody);
        if (body instanceof Response) return body;
        const once = onceBy(c, ids, actor, ['settle', refundId, body]);
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
    },
    {
      method: 'POST',
      path: '/admin/reconcile',
      scope: 'refunds:write',
      async handle(_, { actor }) {
        const noted = await db.submit({ kind: 'noteAction', actor, action: 'reconciled', dropId: null });
        return noted.kind === 'done' ? json(await reconcile()) : refuse(noted);
      },
    },
  ];
}
