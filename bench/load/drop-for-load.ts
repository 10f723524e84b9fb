/** Creates the open drops of a load on a new server. */
import { createDrop, type OperatedServer } from '../../src/crowd/operator.ts';

export interface OpenDrop {
  id: string;
  skus: string[];
}

export interface DropsForLoad {
  /** Units for sale, over all items of each drop. */
  stock: number;
  drops: number;
  itemsPerDrop: number;
}

/** In minor units. */
export const priceOfUnit = 9_900;

async function createLoadDrop(
  server: OperatedServer,
  slug: string,
  skus: string[],
  stock: number,
): Promise<string> {
  const each = Math.floor(stock / skus.length);
  const rest = stock - each * skus.length;
  const { id } = await createDrop(server, {
    slug,
    title: 'Load',
    currency: 'EUR',
    startsAt: new Date(Date.now() - 60_000).toISOString(),
    perCustomer: null,
    holdSeconds: 86_400,
    publish: true,
    items: skus.map((sku, index) => ({
      sku,
      name: `Size ${sku}`,
      price: priceOfUnit,
      stock: index === 0 ? each + rest : each,
    })),
  });
  return id;
}

/**
 * Creates and publishes drops without a customer limit, with holds that outlive the run. Throws if
 * the server refuses.
 */
export async function createDrops(server: OperatedServer, options: DropsForLoad): Promise<OpenDrop[]> {
  const skus = Array.from({ length: options.itemsPerDrop }, (_, index) => `S${index + 1}`);
  const drops: OpenDrop[] = [];
  for (let index = 1; index <= options.drops; index++) {
    drops.push({ id: await createLoadDrop(server, `load-${index}`, skus, options.stock), skus });
  }
  return drops;
}
