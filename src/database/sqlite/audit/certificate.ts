/** Writes the certificate of a drop from a snapshot of the file, with the audit's findings on it. */
import type { Database } from 'better-sqlite3';
import type { Certificate, Tally } from '../../../domain/certificate.ts';
import { firstLinkHash } from '../../apply/journal.ts';
import { violationsApart, violationsTogether } from './audit.ts';

type DropRow = Pick<Certificate, 'dropId' | 'slug' | 'title' | 'currency'>;
type Status = keyof Certificate['refunds'];

const nothing: Tally = { count: 0, amount: 0 };

function moneyOf(connection: Database, dropId: number): Pick<Certificate, 'payments' | 'kept' | 'refunds'> {
  const tally = (from: string): Tally =>
    connection
      .prepare<[number], Tally>(`
        select count(*) as count, coalesce(sum(payments.amount), 0) as amount
        from orders join payments on payments.order_id = orders.id ${from}
        where orders.drop_id = ? and payments.status = 'paid'${from === '' ? '' : ' and refunds.id is null'}`)
      .get(dropId) ?? nothing;
  const byStatus = connection
    .prepare<[number], Tally & { status: Status }>(`
      select refunds.status, count(*) as count, sum(refunds.amount) as amount
      from orders join payments on payments.order_id = orders.id join refunds on payment_id = payments.id
      where orders.drop_id = ? group by refunds.status`)
    .all(dropId);
  const refunds = { pending: nothing, sent: nothing, failed: nothing };
  for (const { status, count, amount } of byStatus) refunds[status] = { count, amount };
  return { payments: tally(''), kept: tally('left join refunds on payment_id = payments.id'), refunds };
}

function salesOf(connection: Database, dropId: number): Pick<Certificate, 'firstSaleAt' | 'lastSaleAt'> {
  const sales = connection
    .prepare<[number], Pick<Certificate, 'firstSaleAt' | 'lastSaleAt'>>(
      `select min(at) as firstSaleAt, max(at) as lastSaleAt from events where drop_id = ? and kind = 'paid'`,
    )
    .get(dropId);
  return sales ?? { firstSaleAt: null, lastSaleAt: null };
}

function logOf(connection: Database): Certificate['log'] {
  const events = connection.prepare<[], number>('select count(*) from events').pluck().get() ?? 0;
  const head = connection
    .prepare<[], { headSeq: number; head: string }>(
      'select last_seq as headSeq, hash as head from links order by last_seq desc limit 1',
    )
    .get();
  return { events, ...(head ?? { headSeq: 0, head: firstLinkHash }) };
}

/** What the money must say whatever the rows look like one by one. */
function moneyFinding({ kept }: Pick<Certificate, 'kept'>, soldAmount: number): string[] {
  return kept.amount === soldAmount
    ? []
    : [`money: ${kept.amount} is kept, and units were sold for ${soldAmount}`];
}

/**
 * The certificates of the drops that are asked for, or of all; writes nothing. Yields between its steps, where no snapshot is
 * held: a caller who rests there lets the WAL start anew.
 */
export function* certifyInSteps(
  connection: Database,
  now: number,
  only?: number,
): Generator<undefined, Certificate[]> {
  const apart: string[] = [];
  for (const found of violationsApart(connection)) {
    apart.push(...found);
    yield;
  }
  connection.exec('begin');
  try {
    const drops = connection
      .prepare<[], DropRow>('select id as dropId, slug, title, currency from drops order by id')
      .all()
      .filter(({ dropId }) => only === undefined || dropId === only);
    const violations = [...apart, ...violationsTogether(connection)];
    const log = logOf(connection);
    return drops.map((drop) => {
      const { dropId } = drop;
      const money = moneyOf(connection, dropId);
      const statuses = connection
        .prepare<[number], { status: string; count: number }>(
          'select status, count(*) as count from orders where drop_id = ? group by status',
        )
        .all(dropId);
      const soldAmount =
        connection
          .prepare<[number], number>(
            `select coalesce(sum(quantity * unit_price), 0) from orders
             where drop_id = ? and status in ('paid', 'fulfilled')`,
          )
          .pluck()
          .get(dropId) ?? 0;
      return {
        ...drop,
        issuedAt: now,
        items: connection
          .prepare<[number], Certificate['items'][number]>(
            'select sku, price, stock, held, sold from items where drop_id = ? order by id',
          )
          .all(dropId),
        orders: Object.fromEntries(statuses.map(({ status, count }) => [status, count])),
        ...money,
        ...salesOf(connection, dropId),
        log,
        violations: [...violations, ...moneyFinding(money, soldAmount)],
      };
    });
  } finally {
    // Not a commit: on a ruined file that one fails.
    connection.exec('rollback');
  }
}

/** As `certifyInSteps`, without a rest. */
export function certify(connection: Database, now: number): Certificate[] {
  const steps = certifyInSteps(connection, now);
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}
