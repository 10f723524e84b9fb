/** Creates open drops on a new server, and reads the server's durability setting. */
import type { ServerProcess } from '../../test/support/server-process.ts';

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

async function createDrop(
  server: ServerProcess,
  slug: string,
  skus: string[],
  stock: number,
): Promise<string> {
  const each = Math.floor(stock / skus.length);
  const rest = stock - each * skus.length;
  const response = await fetch(`${server.url}/admin/drops`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${server.adminToken}` },
    body: JSON.stringify({
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
    }),
  });
  const body = await response.text();
  if (response.status !== 201) throw new Error(`The server created no drop: ${response.status} ${body}`);
  return (JSON.parse(body) as { id: string }).id;
}

/**
 * Creates and publishes drops without a customer limit, with holds that outlive the run. Throws if
 * the server refuses.
 */
export async function createDrops(server: ServerProcess, asked: DropsForLoad): Promise<OpenDrop[]> {
  const skus = Array.from({ length: asked.itemsPerDrop }, (_, index) => `S${index + 1}`);
  const drops: OpenDrop[] = [];
  for (let index = 1; index <= asked.drops; index++) {
    drops.push({ id: await createDrop(server, `load-${index}`, skus, asked.stock), skus });
  }
  return drops;
}

/**
 * Returns the writer's `synchronous` setting, as GET /readyz reports it. Throws if the server is
 * not ready.
 */
export async function readSynchronous(server: ServerProcess): Promise<string> {
  const response = await fetch(`${server.url}/readyz`);
  const body = await response.text();
  if (response.status !== 200) throw new Error(`The server isn't ready: ${response.status} ${body}`);
  return String((JSON.parse(body) as { synchronous?: unknown }).synchronous);
}
