/** The audit's invariants of the log: it is unchanged, and its events lead to the rows. */

import { counted } from '../../domain/counted.ts';
import type { EventKind } from '../../domain/event.ts';
import { canBecome, endsOrder, type OrderStatus, type RefundReason } from '../../domain/order.ts';
import { type EventRow, firstLinkHash, linkHash } from '../log-link.ts';
import { firstRow, type RowSource } from '../row-source.ts';

/** The log begins at event 1, and links cover all events: no event is outside the chain. */
export function* hashChain(source: RowSource): Generator<string> {
  const before = firstRow(
    source.query<{ events: number }>('select count(*) as events from events where seq < 1')(),
  )?.events;
  if (before) yield `${counted(before, 'event')} before event 1, outside the chain`;
  const links = source.query<{ lastSeq: number; hash: string }>(
    'select last_seq as lastSeq, hash from links order by last_seq',
  );
  const eventsBetween = source.query<Record<string, unknown>>(`
    select seq, at, kind, actor, drop_id, item_id, order_id, quantity, amount, currency, detail
    from events where seq > ? and seq <= ? order by seq`);
  let previous = firstLinkHash;
  let after = 0;
  for (const { lastSeq, hash } of links()) {
    const events = Array.from(
      eventsBetween(after, lastSeq),
      (row) => Object.values(row) as unknown as EventRow,
    );
    if (events.at(-1)?.[0] !== lastSeq) yield `the link of event ${lastSeq} has no event`;
    else if (linkHash(previous, events) !== hash)
      yield `the link of event ${lastSeq} does not match the events before it`;
    // Continue with the stored link, so that one changed event is one violation.
    previous = hash;
    after = lastSeq;
  }
  const unlinked = firstRow(
    source.query<{ events: number }>('select count(*) as events from events where seq > ?')(after),
  )?.events;
  if (unlinked) yield `the log ends with ${counted(unlinked, 'event')} without a link`;
}

/** The status of an order after an event; null if the event does not change it. */
const statusAfter = {
  drop_created: null,
  drop_edited: null,
  restocked: null,
  held: 'held',
  released: 'released',
  paid: 'paid',
  declined: null,
  sold_out: null,
  refund_due: 'refunding',
  refund_sent: 'refunded',
  // Only if the refund had been sent and had ended its order.
  refund_failed: 'refunding',
  refund_retried: null,
  refund_settled: 'refunded',
  refund_reduced: null,
  refund_doubled: null,
  dispute_opened: null,
  dispute_won: null,
  dispute_lost: null,
  fulfilled: 'fulfilled',
  tracking_changed: null,
  customer_erased: null,
  orders_exported: null,
  orders_listed: null,
  reconciled: null,
  backed_up: null,
  links_requested: null,
  checkout_opened: null,
  checkout_closed: null,
  operator_added: null,
  operator_revoked: null,
} as const satisfies Record<EventKind, OrderStatus | null>;

interface OrderEvent {
  seq: number;
  kind: string;
  orderId: number;
  /** The reason of a refund or a release. */
  reason: string | null;
  /** Whether a refund ends its order, or makes it paid again; null if the reason decides. */
  ends: number | null;
  /** Null if the table has no such order. */
  statusInRow: OrderStatus | null;
  releaseReasonInRow: string | null;
  /**
   * 1 if drop, items, units and, for a hold, money match the order. Events that move no units
   * name none.
   */
  isSame: number | null;
}

interface OrderHistory {
  orderId: number;
  status: OrderStatus;
  statusInRow: OrderStatus | null;
  /** The reason of the release, if the order ended as released. */
  releaseReason: string | null;
  releaseReasonInRow: string | null;
  findings: string[];
}

/** The status after an event, or null if the event may not follow. */
function next(history: OrderHistory | null, { kind, reason, ends }: OrderEvent): OrderStatus | null {
  if (!Object.hasOwn(statusAfter, kind)) return null;
  if (history === null) return kind === 'held' ? 'held' : null;
  const status = statusAfter[kind as EventKind];
  // A second payment, or one of a wrong amount, is refunded and does not affect the order.
  const isEnding =
    kind === 'refund_failed' ? ends === 1 : (ends ?? Number(endsOrder(reason as RefundReason)));
  if (status === null || (kind.startsWith('refund_') && !isEnding)) return history.status;
  return canBecome(history.status, status) ? status : null;
}

/** The items of an order as an event lists them. */
const loggedItems = `(
  select json_group_array(json_array(value ->> 0, value ->> 1)) from json_each(iif(json_valid(orders.items), orders.items, '[]')))`;

/** Yields each order's history from the log, with the status of its row. */
function* orderHistories(source: RowSource): Generator<OrderHistory> {
  const events = source.query<OrderEvent>(`
    select seq, kind, order_id as orderId, json_extract(detail, '$.reason') as reason, json_extract(detail, '$.ends') as ends,
      orders.status as statusInRow, orders.release_reason as releaseReasonInRow,
      events.drop_id is orders.drop_id
        and iif(kind = 'links_requested', events.item_id is null and events.quantity is null,
          events.quantity is orders.units and iif(events.item_id is null, json_extract(detail, '$.items'),
            json_array(json_array(events.item_id, events.quantity))) is ${loggedItems})
        and (kind <> 'held' or (amount = orders.total and at = orders.created_at))
        as isSame
    from events left join orders on orders.id = order_id
    where order_id is not null
    order by order_id, seq`);
  let history: OrderHistory | null = null;
  for (const event of events()) {
    const { orderId, statusInRow, releaseReasonInRow } = event;
    if (history && history.orderId !== orderId) {
      yield history;
      history = null;
    }
    const status = next(history, event);
    history ??= {
      orderId,
      status: 'held',
      statusInRow,
      releaseReason: null,
      releaseReasonInRow,
      findings: [],
    };
    const name = `event ${event.seq} (${event.kind}) of order ${orderId}`;
    if (status === null) history.findings.push(`${name} may not follow the events before it`);
    else {
      if (event.kind === 'released') history.releaseReason = event.reason;
      else if (status !== history.status) history.releaseReason = null;
      history.status = status;
    }
    if (statusInRow !== null && event.isSame !== 1) history.findings.push(`${name} does not match the order`);
  }
  if (history) yield history;
}

export function* eventsMatchOrders(source: RowSource): Generator<string> {
  for (const history of orderHistories(source)) {
    const { orderId, status, statusInRow } = history;
    yield* history.findings;
    if (statusInRow === null) yield `order ${orderId} has events but no row`;
    else if (statusInRow !== status)
      yield `order ${orderId} is ${statusInRow}, but ${status} according to its events`;
    else if (history.releaseReasonInRow !== history.releaseReason)
      yield `order ${orderId} was released for a reason that differs from its events`;
  }
  const unlogged = source.query<{ id: number }>(
    `select id from orders except select order_id from events where kind = 'held'`,
  );
  for (const { id } of unlogged()) yield `order ${id} has no event of its hold`;
}

interface ItemUnits {
  id: number | null;
  held: number;
  sold: number;
  loggedId: number | null;
  heldInEvents: number;
  soldInEvents: number;
}

/** Compares sums over the log, because the orders' histories need a sort of the whole log. */
export function* countersMatchEvents(source: RowSource): Generator<string> {
  const drifted = source.query<ItemUnits>(`
    with released as materialized (select order_id from events where kind = 'released'),
    units as (
      select kind, order_id, detail, item_id, quantity from events
      union all
      select kind, order_id, detail, value ->> 0, value ->> 1 from events, json_each(detail, '$.items')
      where item_id is null and order_id is not null
    ),
    logged as (
      select item_id,
        sum(case kind
          when 'held' then quantity
          when 'released' then -quantity
          -- Late money takes free units, not those of a hold.
          when 'paid' then iif(order_id in released, 0, -quantity)
          else 0 end) as held,
        sum(case kind
          when 'paid' then quantity
          -- The refunds for any other reason are of money that bought nothing.
          when 'refund_due' then
            iif(json_extract(detail, '$.reason') = 'operator' or json_extract(detail, '$.ends'), -quantity, 0)
          else 0 end) as sold
      from units where kind in ('held', 'released', 'paid', 'refund_due') and item_id is not null
      group by item_id
    )
    select id, items.held, items.sold, logged.item_id as loggedId,
      coalesce(logged.held, 0) as heldInEvents, coalesce(logged.sold, 0) as soldInEvents
    from items full join logged on logged.item_id = items.id
    where items.held is not heldInEvents or items.sold is not soldInEvents
    order by coalesce(id, logged.item_id)`);
  for (const { id, held, sold, loggedId, heldInEvents, soldInEvents } of drifted()) {
    if (id === null) yield `item ${loggedId} has events but no row`;
    else
      yield `item ${id} counts ${held} held and ${sold} sold, but its events count ${heldInEvents} and ${soldInEvents}`;
  }
}
