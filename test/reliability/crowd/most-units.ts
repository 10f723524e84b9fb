/** Reads from the event log the maximum of units taken at once. */
import type { Database } from 'better-sqlite3';

/** The maximum of units held and sold at once, over all items; 0 where there were none. */
export function mostUnitsEver(connection: Database): number {
  const units = connection
    .prepare<[], number | null>(`
      with changes as (
        select seq, kind, quantity, lag(kind) over (partition by order_id order by seq) as before
        from events where kind in ('held', 'released', 'paid')
      ), steps as (
        select seq, case
          when kind = 'held' then quantity
          when kind = 'released' then -quantity
          -- Late money takes a unit again.
          when before = 'released' then quantity
          else 0
        end as step from changes
      )
      select max(units) from (select sum(step) over (order by seq) as units from steps)`)
    .pluck()
    .get();
  return units ?? 0;
}
