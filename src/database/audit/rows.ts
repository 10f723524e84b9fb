/** The audit's invariants that need only the domain rows: stock, orders, limits, money. */
import { orderItemRows } from '../../../drizzle/order-items.ts';
import { counted } from '../../domain/counted.ts';
import { endingReasons, statusesWithUnits } from '../../domain/order.ts';
import { REFUND_BACKOFF_MAX_MS } from '../../limits.ts';
import { firstRow, type RowSource } from '../row-source.ts';

const hasUnits = `status in (${statusesWithUnits.map((status) => `'${status}'`).join(', ')})`;

/**
 * The file is complete, and its indexes agree with its tables. SQLite verifies CHECK constraints
 * here only on a writable connection (a read-only one never parses them), so the checks below do
 * not rely on them.
 */
export function* integrity(source: RowSource): Generator<string> {
  const lines = source.query<Record<string, string>>(`pragma ${source.integrityCheck}`)();
  for (const { [source.integrityCheck]: finding = '' } of lines) if (finding !== 'ok') yield finding;
}

interface MissingParent {
  table: string;
  rowid: number;
  parent: string;
}

export function* foreignKeys(source: RowSource): Generator<string> {
  const missing = source.query<MissingParent>('pragma foreign_key_check')();
  for (const { table, rowid, parent } of missing) {
    yield `row ${rowid} of ${table} refers to a missing row of ${parent}`;
  }
}

interface Counts {
  id: number;
  stock: number;
  held: number;
  sold: number;
}

export function* neverOversold(source: RowSource): Generator<string> {
  const oversold = source.query<Counts>(
    'select id, stock, held, sold from items where held + sold > stock or held < 0 or sold < 0 order by id',
  );
  for (const { id, stock, held, sold } of oversold()) {
    yield `item ${id} has ${held} held and ${sold} sold of ${stock}`;
  }
}

export function* countersMatchOrders(source: RowSource): Generator<string> {
  const drifted = source.query<Counts & { heldInOrders: number; soldInOrders: number }>(`
    with of_orders as (
      select item_id,
        sum(quantity) filter (where status = 'held') as held,
        sum(quantity) filter (where status in ('paid', 'fulfilled')) as sold
      from ${orderItemRows} join orders on orders.id = order_id group by item_id
    )
    select id, stock, items.held, items.sold,
      coalesce(of_orders.held, 0) as heldInOrders, coalesce(of_orders.sold, 0) as soldInOrders
    from items left join of_orders on of_orders.item_id = items.id
    where items.held <> heldInOrders or items.sold <> soldInOrders
    order by id`);
  for (const { id, held, sold, heldInOrders, soldInOrders } of drifted()) {
    yield `item ${id} counts ${held} held and ${sold} sold, but its orders count ${heldInOrders} and ${soldInOrders}`;
  }
}

/** An order's units and price are those of its items, and each item is of its drop, once. */
export function* itemsMatchOrders(source: RowSource): Generator<string> {
  const wrong = source.query<{ id: number }>(`
    select orders.id from orders left join (
      select order_id, sum(quantity) as units, sum(quantity * unit_price) as total, min(quantity) as fewest,
        count(*) as items, count(distinct item_id) as distinct_items, count(items.id) as known,
        min(items.drop_id) as first_drop, max(items.drop_id) as last_drop
      from ${orderItemRows} left join items on items.id = item_id group by order_id
    ) as of_items on order_id = orders.id
    where of_items.units is not orders.units or of_items.total is not orders.total or fewest < 1
      or known <> of_items.items or distinct_items <> of_items.items
      or first_drop <> orders.drop_id or last_drop <> orders.drop_id
    order by orders.id`);
  for (const { id } of wrong()) yield `the items of order ${id} do not match its units, total or drop`;
}

export function* oneOrderPerKey(source: RowSource): Generator<string> {
  const doubled = source.query<{ ids: string }>(`
    select group_concat(id, ', ') as ids from orders where idempotency_key is not null
    group by customer, idempotency_key having count(*) > 1`);
  for (const { ids } of doubled()) yield `orders ${ids} share a customer and a key`;
}

interface OverLimit {
  contact: string;
  dropId: number;
  units: number;
  perCustomer: number;
}

/**
 * An operator may lower a limit below what customers have, so a customer over the present limit is
 * a violation only if they reserved units after its last edit.
 */
export function* customerLimit(source: RowSource): Generator<string> {
  for (const [column, word] of [
    ['customer', 'customer'],
    ['customer_phone', 'phone number'],
  ] as const) {
    const overLimit = source.query<OverLimit>(`
        select ${column} as contact, drop_id as dropId, sum(units) as units, per_customer as perCustomer
        from orders join drops on drops.id = drop_id
        where ${hasUnits} and per_customer is not null and ${column} is not null
        group by drop_id, ${column} having sum(units) > per_customer`);
    const tookUnderLimit = source.query<{ took: number }>(`
        with changes as (
          select seq, kind, lag(kind) over (partition by order_id order by seq) as before
          from events
          where kind in ('held', 'released', 'paid')
            and order_id in (select id from orders where ${column} = ? and drop_id = ?)
        )
        select exists (
          select 1 from changes
          where (kind = 'held' or (kind = 'paid' and before = 'released')) and seq > (
            select coalesce(max(seq), 0) from events
            where drop_id = ? and kind = 'drop_edited' and json_type(detail, '$.perCustomer') is not null
          )
        ) as took`);
    for (const { contact, dropId, units, perCustomer } of [...overLimit()]) {
      if (firstRow(tookUnderLimit(contact, dropId, dropId))?.took === 0) continue;
      yield `${word} ${contact} has ${counted(units, 'unit')} of drop ${dropId}, of ${perCustomer} allowed`;
    }
  }
}

const reasons = (some: readonly string[]): string => some.map((reason) => `'${reason}'`).join(', ');
const isDone = `(refunds.status in ('sent', 'settled'))`;
const hasEndingRefund = (which: string): string => `exists (
  select 1 from payments join refunds on refunds.payment_id = payments.id
  where payments.order_id = orders.id and reason in (${reasons(endingReasons)}) and ${which})`;

/**
 * A paid order keeps the money of one payment; every other payment is refunded in full. A fulfilled
 * order may have lost its money since, by a refund that was made in the provider's dashboard.
 */
export function* paidOnce(source: RowSource): Generator<string> {
  const wrong = source.query<{ id: number; status: string; kept: number }>(`
    with money as (
      select order_id,
        -- Any refund but those of the dashboard returns all that is left: how much that is, is another matter.
        payments.amount > coalesce(sum(refunds.amount), 0) and coalesce(sum(refunds.reason <> 'outside'), 0) = 0 as is_kept,
        coalesce(max(refunds.reason = 'outside'), 0) as went_outside
      from payments left join refunds on refunds.payment_id = payments.id
      where payments.status = 'paid' group by payments.id
    )
    select orders.id, orders.status, count(order_id) filter (where is_kept) as kept
    from orders left join money on order_id = orders.id
    group by orders.id
    having kept <> (orders.status in ('paid', 'fulfilled'))
      and not (orders.status = 'fulfilled' and kept = 0 and max(went_outside) = 1)
    order by orders.id`);
  for (const { id, status, kept } of wrong()) {
    yield `order ${id} is ${status} and keeps the money of ${counted(kept, 'payment')}`;
  }
}

/**
 * Refunds return the whole payment, or less if a lost dispute took a part. An order that a refund
 * ended is `refunded` once all its refunds were sent, and not before.
 */
export function* refundsMatch(source: RowSource): Generator<string> {
  const wrongRow = source.query<{ id: number }>(`
    select refunds.id from refunds join payments on payments.id = payment_id
    where refunds.amount > payments.amount or refunds.currency <> payments.currency or payments.status <> 'paid'
      or (${isDone}) <> (sent_at is not null)
    order by refunds.id`);
  for (const { id } of wrongRow()) yield `refund ${id} does not match its payment`;
  const wrongSum = source.query<{ id: number; amount: number; refunded: number }>(`
    select payments.id, payments.amount, sum(refunds.amount) as refunded
    from refunds join payments on payments.id = payment_id
    group by payments.id
    having refunded > payments.amount or (max(reason <> 'outside') and refunded < payments.amount - (
      select coalesce(sum(amount), 0) from disputes
      where payment_id = payments.id and status = 'lost' and currency = payments.currency))
    order by payments.id`);
  for (const { id, amount, refunded } of wrongSum())
    yield `the refunds of payment ${id} return ${refunded} of ${amount}`;
  const wrong = source.query<{ id: number; status: string }>(`
    select orders.id, orders.status
    from orders
    where (orders.status = 'refunding' and not ${hasEndingRefund(`not ${isDone}`)})
      or (orders.status = 'refunded' and (not ${hasEndingRefund(isDone)} or ${hasEndingRefund(`not ${isDone}`)}))
    order by orders.id`);
  for (const { id, status } of wrong())
    yield `order ${id} is ${status}, but its refunds are in another state`;
}

/**
 * A pending refund waits for its next attempt no longer than the longest backoff, measured from now
 * or from the latest event: the file may come from a machine whose clock is ahead.
 */
export function* refundsInTime(source: RowSource): Generator<string> {
  const late = source.query<{ id: number; nextAttemptAt: number }>(`
    select id, next_attempt_at as nextAttemptAt from refunds
    where status = 'pending' and next_attempt_at > ? + max(unixepoch() * 1000, (select coalesce(max(at), 0) from events))
    order by id`);
  for (const { id, nextAttemptAt } of late(REFUND_BACKOFF_MAX_MS)) {
    // In milliseconds, because an out-of-range value is no date.
    yield `refund ${id} waits until ${nextAttemptAt} ms, longer than the longest backoff`;
  }
}

/** No subscriber's position is beyond the end of the log: it would miss later events. */
export function* positionsInLog(source: RowSource): Generator<string> {
  const beyond = source.query<{ name: string; lastSeq: number; end: number }>(`
    select name, last_seq as lastSeq, end from subscribers join (select coalesce(max(seq), 0) as end from events)
    where last_seq not between 0 and end order by name`);
  for (const { name, lastSeq, end } of beyond())
    yield `subscriber ${name} is at event ${lastSeq} of a log that ends at ${end}`;
  const wrong = source.query<{ subscriber: string; seq: number }>(`
    select subscriber, deferred_deliveries.seq from deferred_deliveries left join events on events.seq = deferred_deliveries.seq
    where events.seq is null or events.order_id is not deferred_deliveries.order_id order by subscriber, deferred_deliveries.seq`);
  for (const { subscriber, seq } of wrong())
    yield `subscriber ${subscriber} has deferred event ${seq}, which does not match the log`;
}

/**
 * An order shows the most serious state of the disputes of its payment; disputes of other payments,
 * which were refunded, do not count.
 */
export function* disputesMatchOrders(source: RowSource): Generator<string> {
  const wrong = source.query<{ id: number; dispute: string | null; inRows: string | null }>(`
    with of_orders as (
      select order_id, case
          when max(disputes.status = 'open') then 'open' when max(disputes.status = 'lost') then 'lost' else 'won'
        end as status
      from disputes join payments on payments.id = payment_id
      where order_id is not null and not exists (
        select 1 from refunds where refunds.payment_id = payments.id and refunds.reason in ('paid_twice', 'wrong_amount'))
      group by order_id
    )
    select orders.id, dispute, of_orders.status as inRows
    from orders left join of_orders on order_id = orders.id
    where dispute is not of_orders.status order by orders.id`);
  for (const { id, dispute, inRows } of wrong()) {
    yield `order ${id} shows the dispute ${dispute ?? 'none'}, but its disputes show ${inRows ?? 'none'}`;
  }
}
