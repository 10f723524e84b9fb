/** Writes the certificate of a drop from a snapshot of the file, with the audit's findings on it. */
import type { Certificate, Tally } from '../../domain/certificate.ts';
import { firstLinkHash } from '../apply/journal.ts';
import { firstRow, type RowSource } from '../row-source.ts';
import { type OnCheck, violationsApart, violationsTogether } from './audit.ts';

type DropRow = Pick<Certificate, 'dropId' | 'slug' | 'title' | 'currency'>;
type Status = keyof Certificate['refunds'];

const nothing: Tally = { count: 0, amount: 0 };

function moneyOf(source: RowSource, dropId: number): Pick<Certificate, 'payments' | 'kept' | 'refunds'> {
  const tally = (from: string): Tally =>
    firstRow(
      source.query<Tally>(`
        select count(*) as count, coalesce(sum(payments.amount), 0) as amount
        from orders join payments on payments.order_id = orders.id ${from}
        where orders.drop_id = ? and payments.status = 'paid'${from === '' ? '' : ' and refunds.id is null'}`)(
        dropId,
      ),
    ) ?? nothing;
  const byStatus = source.query<Tally & { status: Status }>(`
    select refunds.status, count(*) as count, sum(refunds.amount) as amount
    from orders join payments on payments.order_id = orders.id join refunds on payment_id = payments.id
    where orders.drop_id = ? group by refunds.status`);
  const refunds = { pending: nothing, sent: nothing, failed: nothing, settled: nothing };
  for (const { status, count, amount } of byStatus(dropId)) refunds[status] = { count, amount };
  return { payments: tally(''), kept: tally('left join refunds on payment_id = payments.id'), refunds };
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

/** What the money must say whatever the rows look like one by one. */
function moneyFinding({ kept }: Pick<Certificate, 'kept'>, soldAmount: number): string[] {
  return kept.amount === soldAmount
    ? []
    : [`money: ${kept.amount} is kept, and units were sold for ${soldAmount}`];
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
  const sold = source.query<{ amount: number }>(`
    select coalesce(sum(quantity * unit_price), 0) as amount from orders
    where drop_id = ? and status in ('paid', 'fulfilled')`);
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
    violations: [...violations, ...moneyFinding(money, firstRow(sold(dropId))?.amount ?? 0)],
  };
}

/**
 * The certificates of the drops that are asked for, or of all; writes nothing. Yields between its steps, where no snapshot is
 * held: a caller who rests there lets a WAL start anew.
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

/** As `certifyInSteps`, without a rest. */
export function certify(source: RowSource, now: number, only?: number, onCheck?: OnCheck): Certificate[] {
  const steps = certifyInSteps(source, now, only, onCheck);
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}
