/** The audit's invariants of money: every payment and refund in the rows is in the log. */
import type { RowSource } from '../row-source.ts';

interface Unmatched {
  orderId: number | null;
  actor: string;
  status: string;
  amount: number;
  currency: string;
  at: number;
  /** How many more are in the rows; negative: how many more are in the log. */
  surplus: number;
}

const ofOrder = (orderId: number | null): string =>
  orderId === null ? 'of no order' : `of order ${orderId}`;
const time = (ms: number): string => new Date(ms).toISOString();

/**
 * Matches each payment with its event: order, provider, money and time. The provider's own ids are
 * not in the log.
 */
export function* paymentsMatchEvents(source: RowSource): Generator<string> {
  const unmatched = source.query<Unmatched>(`
    with both as (
      select order_id, 'provider:' || provider as actor, status, amount, currency, created_at as at, 1 as n
      from payments
      union all
      select order_id, actor, iif(kind = 'declined', 'declined', 'paid'), amount, currency, at, -1
      from events
      where kind in ('paid', 'declined')
        -- An operator gives back money that the log has logged of already.
        or (kind = 'refund_due' and json_extract(detail, '$.reason') not in ('operator', 'outside'))
    )
    select order_id as orderId, actor, status, amount, currency, at, sum(n) as surplus
    from both group by 1, 2, 3, 4, 5, 6 having surplus <> 0 order by at, order_id`);
  for (const { orderId, actor, status, amount, currency, at, surplus } of unmatched()) {
    const payment = `a payment ${ofOrder(orderId)}, ${amount} ${currency} ${status} at ${time(at)} by ${actor},`;
    yield `${payment} has no ${surplus > 0 ? 'event' : 'row'}`;
  }
}

interface UnmatchedRefund {
  orderId: number | null;
  reason: string;
  amount: number;
  currency: string;
  at: number;
  step: 'due' | 'sent' | 'settled';
  surplus: number;
}

interface FailedRefunds {
  orderId: number | null;
  reason: string;
  failed: number;
  logged: number;
}

/**
 * Matches each refund with its events: its reason and amount, when it became due and was sent, and
 * whether it failed.
 */
export function* refundsMatchEvents(source: RowSource): Generator<string> {
  const unmatched = source.query<UnmatchedRefund>(`
    with rows as materialized (
      select order_id, reason, refunds.amount, refunds.currency, refunds.created_at, refunds.status, sent_at
      from refunds join payments on payments.id = payment_id
    ), both as (
      select order_id, reason, amount, currency, created_at as at, 'due' as step, 1 as n from rows
      union all
      select order_id, reason, amount, currency, sent_at, status, 1 from rows where status in ('sent', 'settled')
      union all
      -- One that was sent and then failed: its event stays, and the failure tells when it had been sent.
      select order_id, json_extract(detail, '$.reason'), amount, currency, json_extract(detail, '$.sentAt'), 'sent', 1
      from events where kind = 'refund_failed' and json_extract(detail, '$.sentAt') is not null
      union all
      -- A refund that became smaller: its event has the earlier amount and time. A Worker's SQLite allows five parts.
      select order_id, json_extract(detail, '$.reason'), iif(n = 1, json_extract(detail, '$.before'), amount), currency,
        json_extract(detail, '$.dueAt'), 'due', n
      from events join (select 1 as n union all select -1) where kind = 'refund_reduced'
      union all
      select order_id, json_extract(detail, '$.reason'), amount, currency, at, substr(kind, 8), -1
      from events where kind in ('refund_due', 'refund_sent', 'refund_settled')
    )
    select order_id as orderId, reason, amount, currency, at, step, sum(n) as surplus
    from both group by 1, 2, 3, 4, 5, 6 having surplus <> 0 order by at, order_id`);
  for (const { orderId, reason, amount, currency, at, step, surplus } of unmatched()) {
    const refund = `a refund ${ofOrder(orderId)} (${reason}), ${amount} ${currency} ${step} at ${time(at)},`;
    yield `${refund} has no ${surplus > 0 ? 'event' : 'row'}`;
  }
  // A failed refund may be sent later, so the log may have more failures than the rows, never
  // fewer.
  const failed = source.query<FailedRefunds>(`
    with of_rows as (
      select order_id, reason, count(*) as failed from refunds join payments on payments.id = payment_id
      where refunds.status = 'failed' group by order_id, reason
    ), of_events as (
      select order_id, json_extract(detail, '$.reason') as reason,
        sum(iif(kind = 'refund_failed', 1, -1)) as logged
      from events where kind in ('refund_failed', 'refund_retried') group by 1, 2
    )
    select of_rows.order_id as orderId, of_rows.reason, failed, coalesce(logged, 0) as logged
    from of_rows left join of_events
      on of_events.order_id is of_rows.order_id and of_events.reason = of_rows.reason
    where failed > coalesce(logged, 0) order by of_rows.order_id`);
  for (const { orderId, reason, failed: inRows, logged } of failed()) {
    yield `refunds ${ofOrder(orderId)} (${reason}): ${inRows} failed according to the rows, ${logged} according to the events`;
  }
}

/**
 * Every refund still belongs to the payment for which it became due. Events of older versions name
 * no payment.
 */
export function* refundsStayWithPayment(source: RowSource): Generator<string> {
  const moved = source.query<{ payment: number; at: number }>(`
    with logged as (
      select json_extract(detail, '$.payment') as payment, at, count(*) as due
      from events where kind = 'refund_due' and json_extract(detail, '$.payment') is not null group by 1, 2
    )
    select payment, at from logged
    where due > (select count(*) from refunds where payment_id = payment and created_at = at)
    order by payment, at`);
  for (const { payment, at } of moved())
    yield `a refund of payment ${payment}, due at ${time(at)}, is missing`;
}

interface DisputeRow {
  id: number;
  status: string;
  logged: string | null;
}

/** Matches each dispute with the last of its events; the log has no dispute that the rows lack. */
export function* disputesMatchEvents(source: RowSource): Generator<string> {
  const unmatched = source.query<DisputeRow & { isThere: number; isSame: number }>(`
    with logged as (
      select json_extract(detail, '$.dispute') as id, order_id, amount, currency,
        case kind when 'dispute_opened' then 'open' else substr(kind, 9) end as status, max(seq)
      from events where kind in ('dispute_opened', 'dispute_won', 'dispute_lost')
      group by 1
    ), rows as (
      select disputes.id, order_id, disputes.amount, disputes.currency, disputes.status
      from disputes join payments on payments.id = payment_id
    )
    select coalesce(rows.id, logged.id) as id, rows.status, logged.status as logged, rows.id is not null as isThere,
      rows.order_id is logged.order_id and rows.amount is logged.amount and rows.currency is logged.currency as isSame
    from rows full join logged on logged.id = rows.id
    where rows.status is not logged.status or not isSame
    order by 1`);
  for (const { id, status, logged, isThere, isSame } of unmatched()) {
    if (!isThere) yield `dispute ${id} has events but no row`;
    else if (logged === null) yield `dispute ${id} has no event`;
    else if (!isSame) yield `dispute ${id} has an amount, currency or order that differs from its events`;
    else yield `dispute ${id} is ${status}, but ${logged} according to its events`;
  }
}
