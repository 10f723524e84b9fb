/**
 * Exports everything that belongs to one drop, including its part of the event log, for an import
 * into another deployment.
 */
import { createHash } from 'node:crypto';
import { counted } from '../../domain/counted.ts';
import { closedReason } from '../../domain/drop.ts';
import { MACHINE } from '../../domain/shard.ts';
import { type EventRow, firstLinkHash, linkHash } from '../log-link.ts';
import { firstRow, type RowSource, type SqlValue } from '../row-source.ts';
import {
  columnsOf,
  type DropFileEnd,
  type DropFileHeader,
  type DropFileRow,
  type DropFileRules,
  dropFileFormat,
  dropFileVersion,
  keyShardIdColumn,
  type MovedTable,
  type SignDropFile,
  signedText,
} from './drop-file.ts';

/** A drop that cannot move now; the message is for its operator. */
export class MoveRefusedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MoveRefusedError';
  }
}

/**
 * Unfinished work: both deployments would continue it, or a buyer would pay at the one that no
 * longer checks. Finished work (sold, refunded, or failed for good) stays the same in both until a
 * provider reports something new.
 */
const openWork = [
  {
    table: 'orders',
    where: "status = 'held'",
    what: 'open hold',
    waitFor: 'wait until each is paid, cancelled or released; a running server releases expired ones',
  },
  {
    table: 'checkouts',
    where: 'closed_at is null',
    what: 'open checkout',
    waitFor: 'wait until the provider ends them, or reconcile (POST /admin/reconcile)',
  },
  {
    table: 'refunds',
    where: "status = 'pending'",
    what: 'pending refund',
    waitFor: 'wait until each is sent or has failed',
  },
] as const satisfies readonly { table: MovedTable; where: string; what: string; waitFor: string }[];

/** The rows of each table that belong to the drop. */
const whereOf: Record<Exclude<MovedTable, 'links'>, string> = {
  drops: 'id = ?',
  items: 'drop_id = ?',
  orders: 'drop_id = ?',
  payments: 'order_id in (select id from orders where drop_id = ?)',
  refunds:
    'payment_id in (select payments.id from payments join orders on orders.id = order_id where drop_id = ?)',
  disputes:
    'payment_id in (select payments.id from payments join orders on orders.id = order_id where drop_id = ?)',
  // Their drop is unknown until their payments arrive, so all of them move; those of other drops
  // are harmless.
  early_movements: '? is not null',
  checkouts: 'order_id in (select id from orders where drop_id = ?)',
  // Generations of every start before the mark, because each may have named a row or an event of
  // the drop.
  generations: '? is not null',
  events: 'drop_id = ?',
};

/** The drop's rows of a table; events before `before`. `shardId` is that of the database. */
function* rowsOf(
  source: RowSource,
  table: keyof typeof whereOf,
  dropId: number,
  shardId: number,
  before: number,
): Generator<SqlValue[]> {
  const key = { events: 'seq', generations: 'first_key' }[table as string] ?? 'id';
  const columns = columnsOf(table).map((name) => `"${name}"`);
  const rows = source.query<Record<string, SqlValue>>(
    `select ${columns.join(', ')} from ${table} where ${whereOf[table]} order by ${key}`,
  );
  for (const row of rows(dropId)) {
    if (table === 'events' && Number(row.seq) >= before) return;
    if (table === 'generations' && Number(row.first_seq) >= before) return;
    if (table === 'drops') row.moved_at = null;
    if (table === 'refunds') row[keyShardIdColumn] ??= shardId;
    yield Object.values(row);
  }
}

/**
 * The links of the drop's events. If the source has no other drop, they are its own links; if other
 * drops share its log, the chain is recomputed over this drop's events, commit by commit.
 */
function* linksOf(
  source: RowSource,
  dropId: number,
  before: number,
): Generator<[lastSeq: number, hash: string]> {
  const commits = source.query<{ lastSeq: number }>(
    'select last_seq as lastSeq from links order by last_seq',
  );
  // One commit at a time: all events of a large drop at once would exceed the memory of an object.
  const events = rowsOf(source, 'events', dropId, MACHINE, before) as Generator<unknown> as Generator<
    EventRow,
    undefined
  >;
  try {
    let hash = firstLinkHash;
    let next = events.next().value;
    for (const { lastSeq } of commits()) {
      const ofCommit: EventRow[] = [];
      for (; next && next[0] <= lastSeq; next = events.next().value) ofCommit.push(next);
      const last = ofCommit.at(-1);
      if (!last) continue;
      hash = linkHash(hash, ofCommit);
      yield [last[0], hash];
    }
  } finally {
    events.return(undefined);
  }
}

/** Throws `MoveRefusedError` if the drop is on sale or has unfinished work. */
function mustBeFinal(source: RowSource, dropId: number, now: number): { slug: string } {
  const drop = firstRow(
    source.query<{
      slug: string;
      published: number;
      paused: number;
      startsAt: number;
      endsAt: number | null;
    }>('select slug, published, paused, starts_at as startsAt, ends_at as endsAt from drops where id = ?')(
      dropId,
    ),
  );
  if (!drop) throw new MoveRefusedError('There is no such drop.');
  const window = { ...drop, published: drop.published === 1, paused: drop.paused === 1 };
  const closed = closedReason(window, now);
  if (closed === null || closed === 'not_started') {
    throw new MoveRefusedError('Pause the drop first: units sold after the export would be lost.');
  }
  const open = openWork.flatMap(({ table, where, what, waitFor }) => {
    const { rows = 0 } =
      firstRow(
        source.query<{ rows: number }>(
          `select count(*) as rows from ${table} where ${where} and ${whereOf[table]}`,
        )(dropId),
      ) ?? {};
    return rows === 0 ? [] : `${counted(rows, what)}: ${waitFor}.`;
  });
  if (open.length > 0) throw new MoveRefusedError(`The drop has open work. ${open.join(' ')}`);
  return drop;
}

/**
 * Throws `MoveRefusedError` if the drop is on sale, has unfinished work, or has a row that an
 * import would refuse. Call this before setting the mark.
 */
export function mustBeMovable(
  source: RowSource,
  dropId: number,
  shardId: number,
  now: number,
  { brokenRule }: DropFileRules,
): void {
  mustBeFinal(source, dropId, now);
  for (const table of Object.keys(whereOf) as (keyof typeof whereOf)[]) {
    const columns = columnsOf(table);
    for (const values of rowsOf(source, table, dropId, shardId, Number.MAX_SAFE_INTEGER)) {
      const row = Object.fromEntries(columns.map((column, at) => [column, values[at] ?? null]));
      const broken = brokenRule(table, row);
      if (broken === null) continue;
      throw new MoveRefusedError(
        `The import would refuse row ${row.id ?? row.seq ?? row.first_key} of ${table}: ${broken} Correct it first.`,
      );
    }
  }
}

/**
 * The mark of this or an earlier export. The file contains the drop as it was before the mark, so
 * that a repeated export is identical.
 */
function markOf(source: RowSource, dropId: number): { seq: number; movedAt: number } | undefined {
  const marks = source.query<{ seq: number; movedAt: number }>(`
    select seq, moved_at as movedAt from events join drops on drops.id = drop_id
    where drop_id = ? and kind = 'drop_edited' and at = moved_at and json_extract(detail, '$.movedAt') = moved_at
    order by seq desc limit 1`);
  return firstRow(marks(dropId));
}

/**
 * Yields the lines of the file, each with its line end. Call `mustBeMovable` first. Throws
 * `MoveRefusedError` before the first line.
 */
export function* exportDrop(
  source: RowSource,
  dropId: number,
  shardId: number,
  now: number,
  sign: SignDropFile,
): Generator<string> {
  const { slug } = mustBeFinal(source, dropId, now);
  const mark = markOf(source, dropId);
  const before = mark?.seq ?? Number.MAX_SAFE_INTEGER;
  const head = firstRow(
    source.query<{ seq: number; hash: string }>(
      'select last_seq as seq, hash from links where last_seq < ? order by last_seq desc limit 1',
    )(before),
  );
  const deployment = firstRow(source.query<{ mark: string }>('select mark from deployment')());
  const header: DropFileHeader = {
    format: dropFileFormat,
    version: dropFileVersion,
    dropId,
    slug,
    exportedAt: new Date(mark?.movedAt ?? now).toISOString(),
    source: { deployment: deployment?.mark ?? null, ...(head ?? { seq: 0, hash: firstLinkHash }) },
  };
  const sum = createHash('sha256');
  let rows = 0;
  const line = (value: unknown): string => {
    const text = `${JSON.stringify(value)}\n`;
    sum.update(text);
    return text;
  };
  yield line(header);
  for (const table of Object.keys(whereOf) as (keyof typeof whereOf)[]) {
    for (const values of rowsOf(source, table, dropId, shardId, before)) {
      rows += 1;
      yield line([table, ...values] satisfies DropFileRow);
    }
  }
  for (const values of linksOf(source, dropId, before)) {
    rows += 1;
    yield line(['links', ...values] satisfies DropFileRow);
  }
  const whole = { rows, sha256: sum.digest('hex') };
  const end: DropFileEnd = { ...whole, signature: sign(signedText(whole)) };
  yield `${JSON.stringify(end)}\n`;
}
