/** The sample drop of a first run, live from the start, and what to try on it. */
import type { Store } from '../database/store.ts';

const slug = 'sample-sneaker';

/** Seeds the sample where the file has no drop yet. */
export async function seedSample(store: Store, now: number, holdSeconds: number): Promise<void> {
  if (store.snapshot.drops().length > 0) return;
  await store.submit({
    kind: 'createDrop',
    actor: 'operator',
    drop: {
      slug,
      title: 'Fern Runner, first edition',
      description: 'A light road shoe in forest green. 140 pairs, made once.',
      imageUrl: '/images/sample-sneaker.svg',
      currency: 'EUR',
      perCustomer: 2,
      startsAt: now,
      endsAt: null,
      holdSeconds,
      published: true,
      items: [
        { sku: '41', name: 'EU 41', price: 12_900, stock: 40 },
        { sku: '42', name: 'EU 42', price: 12_900, stock: 60 },
        { sku: '43', name: 'EU 43', price: 13_400, stock: 40 },
      ],
    },
  });
}

/** The words of a first run: two lines that can be pasted into a shell. */
export function whatToTry(url: string, store: Store, secretsFile: string): string {
  const isSample = store.snapshot.find(slug) !== undefined;
  const lines = ['', `Stampede is open at ${url}`, '', 'Look at the drops:', `  curl ${url}/drops`];
  if (isSample) {
    const body = JSON.stringify({
      dropId: slug,
      sku: '42',
      quantity: 1,
      customer: { email: 'you@example.com' },
    });
    lines.push(
      'Buy one (again: the same key gives the same order):',
      `  curl -X POST ${url}/purchase -H 'content-type: application/json' -H 'idempotency-key: first' -d '${body}'`,
      'Then open payment.url of the answer in a browser, and see the order with its token:',
      `  curl -H 'authorization: Bearer TOKEN' ${url}/orders/ORDER_ID`,
    );
  }
  lines.push('', `The operator's token is in ${secretsFile}`, '');
  return lines.join('\n');
}
