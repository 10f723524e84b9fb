/** What a load test copies from a drop: its terms and its whole stock, and no data of buyers. */
import type { NewDrop } from '../domain/command.ts';
import type { SqliteConnection } from '../split/connection.ts';

/** Includes text and image, so that answers are as long as the real ones. */
export type Blueprint = Pick<
  NewDrop,
  'slug' | 'title' | 'description' | 'imageUrl' | 'currency' | 'perCustomer' | 'holdSeconds' | 'items'
>;

export const unitsOf = ({ items }: Pick<Blueprint, 'items'>): number =>
  items.reduce((sum, { stock }) => sum + stock, 0);

/** Reads one drop by its slug or its key; undefined where there is none. */
export function readBlueprint(connection: SqliteConnection, wanted: string | number): Blueprint | undefined {
  const column = typeof wanted === 'number' ? 'id' : 'slug';
  const found = connection
    .prepare<[string | number], Omit<Blueprint, 'items'> & { id: number }>(
      `select id, slug, title, description, image_url as imageUrl, currency, per_customer as perCustomer,
        hold_seconds as holdSeconds from drops where ${column} = ?`,
    )
    .get(wanted);
  if (!found) return undefined;
  const { id, ...terms } = found;
  const items = connection
    .prepare<[number], Blueprint['items'][number]>(
      'select sku, name, price, stock from items where drop_id = ? order by id',
    )
    .all(id);
  return { ...terms, items };
}

/**
 * Returns the body of POST /admin/drops that creates the copy. It opens at `startsAt` (ISO 8601)
 * and has no end.
 */
export const newDropOf = (blueprint: Blueprint, startsAt: string) => ({
  ...blueprint,
  startsAt,
  publish: true,
});
