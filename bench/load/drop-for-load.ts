/** Puts one open drop with plenty of stock on a new server, and asks the server how durable it is. */
import type { ServerProcess } from '../../test/support/server-process.ts';

export interface OpenDrop {
  id: string;
  skus: string[];
}

const skus = ['S', 'M', 'L'];

/** Creates and publishes a drop without customer limit. Holds outlive the run. Throws if the server refuses. */
export async function createDrop(server: ServerProcess, stock: number): Promise<OpenDrop> {
  const each = Math.floor(stock / skus.length);
  const rest = stock - each * skus.length;
  const response = await fetch(`${server.url}/admin/drops`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${server.adminToken}` },
    body: JSON.stringify({
      slug: 'load',
      title: 'Load',
      currency: 'EUR',
      startsAt: new Date(Date.now() - 60_000).toISOString(),
      holdSeconds: 86_400,
      publish: true,
      items: skus.map((sku, index) => ({
        sku,
        name: `Size ${sku}`,
        price: 9_900,
        stock: index === 0 ? each + rest : each,
      })),
    }),
  });
  const body = await response.text();
  if (response.status !== 201) throw new Error(`The server created no drop: ${response.status} ${body}`);
  const { id } = JSON.parse(body) as { id: string };
  return { id, skus };
}

/** SQLite's synchronous setting of the writer as GET /readyz tells it. Throws if the server isn't ready. */
export async function readSynchronous(server: ServerProcess): Promise<string> {
  const response = await fetch(`${server.url}/readyz`);
  const body = await response.text();
  if (response.status !== 200) throw new Error(`The server isn't ready: ${response.status} ${body}`);
  return String((JSON.parse(body) as { synchronous?: unknown }).synchronous);
}
