/**
 * Buys one unit with retry and backoff: every attempt sends the same key, so an order is placed once or not at all.
 *
 *     npx node docs/examples/buy.ts http://localhost:3000 sample-sneaker you@example.com 42
 */
import { createClient } from '../../src/api/client.ts';

/** Without a sku it buys the first available item. Throws with the detail of the problem that ended it. */
export async function buy(url: string, dropId: string, email: string, sku?: string) {
  const { drops, purchase } = createClient(url);
  const header = { 'Idempotency-Key': crypto.randomUUID() };
  const item = { sku };
  for (let attempt = 0; ; attempt += 1) {
    const json = { dropId, ...item, quantity: 1, customer: { email } };
    const answer = await purchase.$post({ json, header }).catch(() => null);
    if (answer?.status === 201) return answer.json();
    const problem = await answer?.json().catch(() => null);
    if (item.sku === undefined && problem?.errors?.some(({ path }) => path === 'sku')) {
      const drop = await drops[':id'].$get({ param: { id: dropId } });
      if (drop.status === 200) {
        const { items } = await drop.json();
        item.sku = (items.find(({ available }) => available > 0) ?? items[0])?.sku;
      }
      if (item.sku !== undefined) continue;
    }
    const isFinal = answer && answer.status < 500 && answer.status !== 429;
    if (isFinal || attempt === 8) {
      throw new Error(problem ? `${problem.detail} (${problem.code})` : `${url} gave no answer.`);
    }
    const seconds = Number(answer?.headers.get('retry-after')) || 2 ** attempt / 8;
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000 * (1 + Math.random())));
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
