/** The drop that a request names in its path. */
import type { Context } from 'hono';
import type { ShopDatabase } from '../database/shop-database.ts';
import type { Drop } from '../domain/drop.ts';

/** Returns the drop whose id or slug is the path's `:id`; undefined if there is none. */
export const requestedDrop = ({ snapshot }: Pick<ShopDatabase, 'snapshot'>, c: Context): Drop | undefined =>
  snapshot.find(c.req.param('id') ?? '');
