/** The commands module of the tests: what a writer's thread may be given, right and wrong. */
import { eq, sql } from 'drizzle-orm';
import type { CommandTx } from '../../../src/split/open-split.ts';
import { items } from './schema.ts';

type Tx = CommandTx<typeof schema>;
export const schema = { items };

class SoldOutError extends Error {
  override readonly name = 'SoldOutError';
  readonly code = 'sold_out';
}

let kept: Tx | null = null;

export const commands = {
  /** Takes one unit, or throws. */
  buy(tx: Tx, { id }: { id: number }) {
    const [item] = tx
      .update(items)
      .set({ stock: sql`${items.stock} - 1` })
      .where(sql`${items.id} = ${id} and ${items.stock} > 0`)
      .returning({ left: items.stock })
      .all();
    if (!item) throw new SoldOutError(`Item ${id} is sold out.`);
    return item;
  },
  find: (tx: Tx, name: string) => tx.query.items.findFirst({ where: eq(items.name, name) }).sync(),
  add(tx: Tx, input: { name: string; addedAt?: Date; picture?: Uint8Array }) {
    return tx
      .insert(items)
      .values({ ...input, picture: input.picture ? Buffer.from(input.picture) : null })
      .returning()
      .get();
  },
  /** Writes, and fails then. */
  addTwice(tx: Tx, name: string) {
    tx.insert(items).values({ name }).run();
    tx.insert(items).values({ name }).run();
  },
  /** The second is undone alone. */
  addNested(tx: Tx, name: string) {
    tx.insert(items).values({ name }).run();
    try {
      tx.transaction((inner) => {
        inner
          .insert(items)
          .values({ name: `${name} again` })
          .run();
        inner.transaction((innermost) => innermost.insert(items).values({ name }).run());
      });
    } catch {
      return 'undone';
    }
    return 'done';
  },
  promise(tx: Tx, name: string): unknown {
    tx.insert(items).values({ name }).run();
    return Promise.resolve();
  },
  async: ((tx: Tx, name: string) =>
    Promise.resolve().then(() => tx.insert(items).values({ name }).run())) as (
    tx: Tx,
    name: string,
  ) => unknown,
  unsendable(tx: Tx, name: string): unknown {
    tx.insert(items).values({ name }).run();
    return { not: () => 'sent' };
  },
  keep(tx: Tx) {
    kept = tx;
  },
  isKept: (tx: Tx) => kept === tx,
  control: (tx: Tx, text: string) => tx.run(sql.raw(text)),
};
