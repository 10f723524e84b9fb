/** The commands module of the tests: valid and invalid functions for a writer's thread. */
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
const shared = { calls: 0 };

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
  /** Writes, and then fails. */
  addTwice(tx: Tx, name: string) {
    tx.insert(items).values({ name }).run();
    tx.insert(items).values({ name }).run();
  },
  /** Only the second write is rolled back. */
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
  /** Continues as if nothing had happened. */
  controlCaught(tx: Tx, text: string) {
    try {
      tx.run(sql.raw(text));
    } catch {
      // Its later writes must not be committed separately.
    }
    try {
      tx.insert(items).values({ name: 'behind' }).run();
    } catch {}
  },
  /** Ends the commit, or the connection, below its transaction. */
  beneath(tx: Tx, method: 'exec' | 'pragma' | 'close'): unknown {
    return (tx as unknown as { $client: Record<string, (text: string) => unknown> }).$client[method]?.(
      'commit',
    );
  },
  /** Throws a value that is not an Error. */
  throwing(_tx: Tx, what: 'null' | 'bare' | 'unreadable' | 'symbol'): unknown {
    const unreadable = Object.defineProperty(new Error('x'), 'message', {
      get: () => {
        throw new Error('Not readable.');
      },
    });
    throw { null: null, bare: Object.create(null), unreadable, symbol: Symbol('thrown') }[what];
  },
  /** Returns an object that the next call makes impossible to send. */
  shared(_tx: Tx): { calls: number } {
    shared.calls += 1;
    if (shared.calls > 1) Object.assign(shared, { not: () => 'sent' });
    return shared;
  },
};
