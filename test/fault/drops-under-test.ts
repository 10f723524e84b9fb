/** The drops that a crowd buys from while a server meets a fault, held against what the operator was told of them. */
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

/** What lets everybody buy, all the time. */
export const endless: DropUnderTest = {
  slug: 'plenty',
  holdSeconds: hour,
  stock: many,
  restock: 0,
  perCustomer: null,
  customers: 'own',
};

/** Each puts another promise of the house under load. */
const ofEveryPromise: readonly DropUnderTest[] = [
  endless,
  // Sells out in each load.
  { slug: 'scarce', holdSeconds: hour, stock: 0, restock: 30, perCustomer: null, customers: 'own' },
  // Its holds expire from one load to the next, and late money comes for them.
  { slug: 'brief', holdSeconds: 1, stock: 30, restock: 15, perCustomer: 2, customers: { shared: 20 } },
  // Refuses most, by the limit.
  { slug: 'strict', holdSeconds: hour, stock: many, restock: 0, perCustomer: 3, customers: { shared: 60 } },
];

export class DropsUnderTest {
  readonly offers: Offer[] = [];
  /** As the operator was told. */
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

  /** Adds the units that are to sell out once more. */
  async restock(server: ServerProcess): Promise<void> {
    for (const { slug, restock: units } of this.#drops) {
      if (units === 0) continue;
      const drop = await restock(server, slug, units);
      const expected = (this.#stock.get(slug) ?? 0) + units;
      const told = drop.items[0]?.stock;
      if (told !== expected)
        throw new Error(`The stock of ${slug} is ${told} after a restock to ${expected}.`);
      this.#stock.set(slug, expected);
    }
  }

  /** Where the file has another stock than the operator was told. */
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
