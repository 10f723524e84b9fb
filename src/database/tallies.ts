/** How many orders, refunds and disputes are in each status. */
import type { RowSource } from './row-source.ts';
import type { Tallies } from './shop-database.ts';

type CountedTable = 'orders' | 'refunds' | 'disputes';

interface Count {
  status: string;
  count: number;
}

export function countByStatus(rows: RowSource): Pick<Tallies, CountedTable> {
  const of = (table: CountedTable): Record<string, number> =>
    Object.fromEntries(
      [...rows.query<Count>(`select status, count(*) as count from ${table} group by status`)()].map(
        ({ status, count }) => [status, count],
      ),
    );
  return rows.together(() => ({
    orders: of('orders'),
    refunds: of('refunds'),
    disputes: of('disputes'),
  }));
}
