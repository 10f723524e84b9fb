/** The commands of app.ts: synchronous functions that run in the writer's thread, inside the group commit. */
import { and, eq, gt, sql } from 'drizzle-orm';
import type { CommandTx } from '../../../src/split/open-split.ts';
import { items } from './schema.ts';

class SoldOutError extends Error {
  override readonly name = 'SoldOutError';
}

export const commands = {
  /** Takes one unit. Throws where none is left: then nothing is done, and other writes are not affected. */
  buy(tx: CommandTx, { id }: { id: number }): { left: number } {
    const bought = tx
      .update(items)
      .set({ stock: sql`${items.stock} - 1` })
      .where(and(eq(items.id, id), gt(items.stock, 0)))
      .returning({ left: items.stock })
      .get();
    // better-sqlite3 answers undefined where no row was updated.
    if (bought === undefined) throw new SoldOutError(`Item ${id} is sold out.`);
    return bought;
  },
};
