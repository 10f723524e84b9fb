/** The drops of a crowd while a server meets a fault, compared with the answers to the operator. */
import type { Database } from 'better-sqlite3';
import type { ServerProcess } from '../support/server-process.ts';
import { type NewDrop, openDrop, restock, sku } from './operator.ts';
import type { Offer } from './shoppers.ts';

export interface DropUnderTest extends NewDrop {
  /** Units added before each load. */
  restock: number;
  customers: Offer['customers'];
}

const hour = 3_600;
const many = 1_000_000;

/** A drop that never sells out. */
export const endless: DropUnderTest = {
  slug: 'plenty',
  holdSeconds: hour,
  stock: many,
  restock: 0,
  perCustomer: null,
  customers: 'own',
};

/** Each puts another promise under load. */
const ofEveryPromise: readonly DropUnderTest[] = [
  endless,
  // Sells out in each load.
  { slug: 'scarce', holdSeconds: hour, stock: 0, restock: 30, perCustomer: null, customers: 'own' },
  // Its holds expire between two loads, and late payments arrive for them.
  { slug: 'brief', holdSeconds: 1, stock: 30, restock: 15, perCustomer: 2, customers: { shared: 20 } },
  // Refuses most purchases by the limit.
  { slug: 'strict', holdSeconds: hour, stock: many, restock: 0, perCustomer: 3, customers: { shared: 60 } },
];

export class DropsUnderTest {
  readonly offers: Offer[] = [];
  /** As acknowledged to the operator. */
  readonly #stock = new Map<string, number>();
  readonly #drops: readonly DropUnderTest[];

  constructor(drops = ofEveryPromise) {
    this.#drops = drops;
  }

  async open(server: ServerProcess): Promise<void> {
    for (const drop of this.#drops) {
      const { id: dropId } = await openDrop(server, drop);
      this.#stock.set(drop.slug, drop.stock);
      this.offers.push({ dropId, sku, customers: drop.customers });
    }
  }

  /** Adds the units that the next load sells out. */
  async restock(server: ServerProcess): Promise<void> {
    for (const { slug, restock: units } of this.#drops) {
      if (units === 0) continue;
      const drop = await restock(server, slug, units);
      const expected = (this.#stock.get(slug) ?? 0) + units;
      const reported = drop.items[0]?.stock;
      if (reported !== expected)
        throw new Error(`The stock of ${slug} is ${reported} after a restock to ${expected}.`);
      this.#stock.set(slug, expected);
    }
  }

  /** Reports where the file's stock differs from the acknowledged one. */
  judge(connection: Database): string[] {
    const rows = connection
      .prepare<[], { slug: string; stock: number }>(
        'select slug, stock from drops join items on items.drop_id = drops.id',
      )
      .all();
    const found = new Map(rows.map(({ slug, stock }) => [slug, stock]));
    return [...this.#stock]
      .filter(([slug, stock]) => found.get(slug) !== stock)
      .map(
        ([slug, stock]) => `${slug} has a stock of ${found.get(slug)}, and the operator was told ${stock}`,
      );
  }
}
