/** Reads from the event log how many units were taken at the worst instant. */
import type { Database } from 'better-sqlite3';

/** The most units held and sold at the same time, of all items together; 0 where nothing was ever taken. */
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
