/**
 * Buys one unit; the client retries with the same key, so an order is placed once or not at all.
 *
 *     npx node docs/examples/buy.ts http://localhost:3000 sample-sneaker you@example.com 42
 */
import { createClient, StampedeError } from '../../src/client/client.ts';

/** Without a sku it buys the first available item. Rejects with `StampedeError`. */
export async function buy(url: string, dropId: string, email: string, sku?: string) {
  const shop = createClient(url);
  const request = { dropId, quantity: 1, customer: { email } };
  try {
    return await shop.purchase({ ...request, sku });
  } catch (error) {
    const isSkuMissing = error instanceof StampedeError && error.errors.some(({ path }) => path === 'sku');
    if (!isSkuMissing || sku !== undefined) throw error;
    const { items } = await shop.drop(dropId);
    const item = items.find(({ available }) => available > 0) ?? items[0];
    return shop.purchase({ ...request, sku: item?.sku });
  }
}

if (process.argv[1] === import.meta.filename) {
  const [url = 'http://localhost:3000', dropId = 'sample-sneaker', email = 'you@example.com', sku] =
    process.argv.slice(2);
  const { order, payment } = await buy(url, dropId, email, sku).catch(({ message }: Error) => {
    process.stderr.write(`${message}\n`);
    process.exit(1);
  });
  process.stdout.write(`${order.number}: pay at ${payment.url}\n`);
}
