/** The libSQL client on a local file, with one interactive transaction per purchase. */
import { type Client, createClient, type InValue, type Transaction } from '@libsql/client';
import { newItems, type PeerDatabase, type PeerItem, sqlitePragmas, sqliteSchema } from './peer-database.ts';

const number = (value: unknown): number => Number(value ?? 0);

/** Serializes transactions: concurrent ones would fail with "database is locked". */
function inTurn(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work, work);
    last = next.catch(() => undefined);
    return next;
  };
}

export async function openLibsql(file: string): Promise<PeerDatabase> {
  const client: Client = createClient({ url: `file:${file}`, timeout: 5_000 });
  for (const statement of [...sqlitePragmas.map((pragma) => `pragma ${pragma}`), ...sqliteSchema])
    await client.execute(statement);
  for (const { sku, price, stock } of newItems) {
    await client.execute({
      sql: 'insert into items (sku, price, stock) values (?, ?, ?)',
      args: [sku, price, stock],
    });
  }
  // The client opens a new connection after each transaction, which loses the pragmas of the first.
  const durable = async (transaction: Transaction): Promise<void> => {
    const { rows } = await transaction.execute('pragma synchronous');
    if (number(rows[0]?.[0]) !== 2) throw new Error('libSQL does not run at FULL.');
  };
  const probe = await client.transaction('write');
  await durable(probe);
  await probe.commit();
  const turn = inTurn();
  const one = async (transaction: Transaction, sql: string, args: InValue[]): Promise<number | undefined> => {
    const { rows } = await transaction.execute({ sql, args });
    return rows[0] === undefined ? undefined : number(rows[0][0]);
  };
  return {
    async items() {
      const { rows } = await client.execute('select sku, price, stock, held from items order by id');
      return rows.map(
        (row): PeerItem => ({
          sku: String(row.sku),
          price: number(row.price),
          stock: number(row.stock),
          held: number(row.held),
        }),
      );
    },
    purchase: ({ sku, quantity, customer, key }) =>
      turn(async () => {
        const transaction = await client.transaction('write');
        try {
          const before = await one(
            transaction,
            'select id from orders where customer = ? and idempotency_key = ?',
            [customer, key],
          );
          if (before !== undefined) return { kind: 'replayed', orderId: before };
          const itemId = await one(
            transaction,
            'update items set held = held + ? where sku = ? and held + ? <= stock returning id',
            [quantity, sku, quantity],
          );
          if (itemId === undefined) return { kind: 'sold_out' };
          const now = Date.now();
          const orderId =
            (await one(
              transaction,
              "insert into orders (item_id, quantity, customer, idempotency_key, status, created_at) values (?, ?, ?, ?, 'held', ?) returning id",
              [itemId, quantity, customer, key, now],
            )) ?? 0;
          await transaction.execute({
            sql: "insert into events (at, kind, item_id, order_id, quantity) values (?, 'held', ?, ?, ?)",
            args: [now, itemId, orderId, quantity],
          });
          await transaction.commit();
          return { kind: 'held', orderId };
        } finally {
          transaction.close();
        }
      }),
    async counts() {
      const { rows } = await client.execute(
        'select (select count(*) from orders), (select count(*) from events), (select sum(held) from items)',
      );
      const [row] = rows;
      return { orders: number(row?.[0]), events: number(row?.[1]), held: number(row?.[2]) };
    },
    close: async () => client.close(),
  };
}
