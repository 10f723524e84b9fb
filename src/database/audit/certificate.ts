/** Creates a drop's certificate from a snapshot of the file, with the audit's findings about it. */

import type { Certificate, Tally } from '../../domain/certificate.ts';
import {
  type DisputeStatus,
  disputeStatuses,
  type RefundStatus,
  refundStatuses,
} from '../../domain/order.ts';
import { firstLinkHash } from '../log-link.ts';
import { firstRow, type RowSource } from '../row-source.ts';
import { type OnCheck, violationsApart, violationsTogether } from './audit.ts';

type DropRow = Pick<Certificate, 'dropId' | 'slug' | 'title' | 'currency'>;
type Money = Pick<Certificate, 'payments' | 'kept' | 'refunds' | 'outside' | 'disputes'>;

const nothing: Tally = { count: 0, amount: 0 };

/** A tally for each of `names`, zero for those without rows. */
function tallies<Name extends string>(
  names: readonly Name[],
  rows: Iterable<Tally & { name: Name }>,
): Record<Name, Tally> {
  const found = new Map(Array.from(rows, ({ name, count, amount }) => [name, { count, amount }]));
  return Object.fromEntries(names.map((name) => [name, found.get(name) ?? nothing])) as Record<Name, Tally>;
}

const lostOfPayment = `select coalesce(sum(amount), 0) from disputes
  where payment_id = payments.id and status = 'lost' and currency = payments.currency`;
const paidFor = `orders join payments on payments.order_id = orders.id`;

function moneyOf(source: RowSource, dropId: number): Money {
  const one = (sql: string): Tally => firstRow(source.query<Tally>(sql)(dropId)) ?? nothing;
  const payments = one(`
    select count(*) as count, coalesce(sum(payments.amount), 0) as amount
    from ${paidFor} where drop_id = ? and payments.status = 'paid'`);
  const byStatus = source.query<Tally & { name: RefundStatus }>(`
    select refunds.status as name, count(*) as count, sum(refunds.amount) as amount
    from ${paidFor} join refunds on payment_id = payments.id where drop_id = ? group by refunds.status`);
  const ofDisputes = source.query<Tally & { name: DisputeStatus }>(`
    select disputes.status as name, count(*) as count,
      -- An amount in another currency than the payment's can't be compared.
      sum(iif(disputes.currency = payments.currency, disputes.amount, 0)) as amount
    from ${paidFor} join disputes on payment_id = payments.id where drop_id = ? group by disputes.status`);
  const outside = one(`
    select count(*) as count, coalesce(sum(refunds.amount), 0) as amount
    from ${paidFor} join refunds on payment_id = payments.id where drop_id = ? and reason = 'outside'`);
  const refunds = tallies(refundStatuses, byStatus(dropId));
  const disputes = tallies(disputeStatuses, ofDisputes(dropId));
  const keptPayments = one(`
    select count(*) as count, 0 as amount from ${paidFor} where drop_id = ? and payments.status = 'paid'
      and payments.amount > (select coalesce(sum(amount), 0) from refunds where payment_id = payments.id)
        + (${lostOfPayment})`);
  const returned = refundStatuses.reduce((sum, status) => sum + refunds[status].amount, 0);
  const kept = { count: keptPayments.count, amount: payments.amount - returned - disputes.lost.amount };
  return { payments, kept, refunds, outside, disputes };
}

function salesOf(source: RowSource, dropId: number): Pick<Certificate, 'firstSaleAt' | 'lastSaleAt'> {
  const sales = source.query<Pick<Certificate, 'firstSaleAt' | 'lastSaleAt'>>(
    `select min(at) as firstSaleAt, max(at) as lastSaleAt from events where drop_id = ? and kind = 'paid'`,
  );
  return firstRow(sales(dropId)) ?? { firstSaleAt: null, lastSaleAt: null };
}

function logOf(source: RowSource): Certificate['log'] {
  const count = firstRow(source.query<{ events: number }>('select count(*) as events from events')());
  const head = firstRow(
    source.query<{ headSeq: number; head: string }>(
      'select last_seq as headSeq, hash as head from links order by last_seq desc limit 1',
    )(),
  );
  return { events: count?.events ?? 0, ...(head ?? { headSeq: 0, head: firstLinkHash }) };
}

interface Sold {
  amount: number;
  /** The amount refunded in the provider's dashboard to buyers who kept the goods. */
  outside: number;
}

/** The part of owed refunds that lost disputes took instead; refunds return the rest. */
const takenFromRefunds = `
  select coalesce(sum(min(amount - refunded, lost)), 0) as amount from (
    select payments.amount, (${lostOfPayment}) as lost,
      (select sum(amount) from refunds where payment_id = payments.id) as refunded
    from ${paidFor}
    where drop_id = ? and payments.status = 'paid'
      and exists (select 1 from refunds where payment_id = payments.id and reason <> 'outside'))`;

/**
 * Checks the total in addition to each row: the price of the sold units equals the money that was
 * not refunded.
 */
function moneyFinding({ payments, kept, disputes }: Money, taken: number, sold: Sold): string[] {
  const stayed = kept.amount + disputes.lost.amount - taken;
  return stayed + sold.outside === sold.amount
    ? []
    : [`money: ${stayed} of ${payments.amount} was not refunded, but units were sold for ${sold.amount}`];
}

function certificateOf(
  source: RowSource,
  drop: DropRow,
  now: number,
  log: Certificate['log'],
  violations: readonly string[],
): Certificate {
  const { dropId } = drop;
  const money = moneyOf(source, dropId);
  const statuses = source.query<{ status: string; count: number }>(
    'select status, count(*) as count from orders where drop_id = ? group by status',
  );
  const sold = source.query<Sold>(`
    select coalesce(sum(total), 0) as amount, coalesce(sum((
        select sum(refunds.amount) from payments join refunds on payment_id = payments.id
        where order_id = orders.id and reason = 'outside' and not exists (
          select 1 from refunds where payment_id = payments.id and reason <> 'outside'))), 0) as outside
    from orders where drop_id = ? and status in ('paid', 'fulfilled')`);
  const sales = firstRow(sold(dropId)) ?? { amount: 0, outside: 0 };
  const taken = firstRow(source.query<{ amount: number }>(takenFromRefunds)(dropId));
  const items = source.query<Certificate['items'][number]>(
    'select sku, price, stock, held, sold from items where drop_id = ? order by id',
  );
  return {
    ...drop,
    issuedAt: now,
    items: [...items(dropId)],
    orders: Object.fromEntries(Array.from(statuses(dropId), ({ status, count }) => [status, count])),
    ...money,
    ...salesOf(source, dropId),
    log,
    violations: [...violations, ...moneyFinding(money, taken?.amount ?? 0, sales)],
  };
}

/**
 * The certificates of the requested drop, or of all; writes nothing. Yields between its steps, when
 * it holds no snapshot: if the caller pauses there, the WAL can restart.
 */
export function* certifyInSteps(
  source: RowSource,
  now: number,
  only?: number,
  onCheck?: OnCheck,
): Generator<undefined, Certificate[]> {
  const apart: string[] = [];
  for (const found of violationsApart(source, onCheck)) {
    apart.push(...found);
    yield;
  }
  return source.together(() => {
    const drops = [
      ...source.query<DropRow>('select id as dropId, slug, title, currency from drops order by id')(),
    ];
    const violations = [...apart, ...violationsTogether(source, onCheck)];
    const log = logOf(source);
    return drops
      .filter(({ dropId }) => only === undefined || dropId === only)
      .map((drop) => certificateOf(source, drop, now, log, violations));
  });
}

/** Runs `certifyInSteps` without a pause. */
export function certify(source: RowSource, now: number, only?: number, onCheck?: OnCheck): Certificate[] {
  const steps = certifyInSteps(source, now, only, onCheck);
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}
