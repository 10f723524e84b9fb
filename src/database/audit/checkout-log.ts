/** The audit's invariant of checkouts, proven by the log: each has the logged state and target. */
import { checkoutDigest } from '../checkout-digest.ts';
import type { RowSource } from '../row-source.ts';

interface CheckoutRow {
  /** Null if the log has a checkout without a row. */
  id: number | null;
  orderId: number;
  provider: string;
  reference: string;
  url: string;
  expiresAt: number;
  createdAt: number;
  closedAt: number | null;
  /** Null if the log has no event of it. */
  loggedId: number | null;
  loggedOrderId: number;
  loggedAt: number;
  digest: string;
  loggedClosedAt: number | null;
  /** 1 if an older version, which logged no checkouts, may have opened it. */
  mayBeUnlogged: number;
}

function findingOf(row: CheckoutRow): string | null {
  const name = `checkout ${row.id ?? row.loggedId}`;
  if (row.id === null) return `${name} has events but no row`;
  if (row.loggedId === null) {
    if (row.mayBeUnlogged !== 1) return `${name} has no event`;
  } else if (
    row.orderId !== row.loggedOrderId ||
    row.createdAt !== row.loggedAt ||
    checkoutDigest(row) !== row.digest
  )
    return `${name} differs from its event`;
  const isLogged = row.loggedId !== null || row.loggedClosedAt !== null;
  return isLogged && row.closedAt !== row.loggedClosedAt
    ? `${name} was closed at a time that differs from its events`
    : null;
}

export function* checkoutsMatchEvents(source: RowSource): Generator<string> {
  const rows = source.query<CheckoutRow>(`
    with opened as (
      select json_extract(detail, '$.checkout') as id, order_id, at, json_extract(detail, '$.digest') as digest
      from events where kind = 'checkout_opened'
    ), closed as (
      select json_extract(detail, '$.checkout') as id, max(at) as at from events where kind = 'checkout_closed' group by 1
    ), since as (
      -- The first event of a version that logs checkouts.
      select min(seq) as seq from events
      where kind = 'checkout_opened' or (kind = 'drop_created' and json_extract(detail, '$.currency') is not null)
    ), held as (
      select order_id, seq from events where kind = 'held' and order_id in (select order_id from checkouts)
    )
    select checkouts.id, checkouts.order_id as orderId, provider, reference, url, expires_at as expiresAt,
      created_at as createdAt, closed_at as closedAt, opened.id as loggedId, opened.order_id as loggedOrderId,
      opened.at as loggedAt, digest, closed.at as loggedClosedAt,
      coalesce(held.seq < (select seq from since), 1) as mayBeUnlogged
    from checkouts full join opened on opened.id = checkouts.id
      left join closed on closed.id = coalesce(checkouts.id, opened.id)
      left join held on held.order_id = checkouts.order_id
    order by coalesce(checkouts.id, opened.id)`);
  for (const row of rows()) {
    const finding = findingOf(row);
    if (finding !== null) yield finding;
  }
}
