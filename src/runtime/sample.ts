/** The sample drop of a first run, live from the start, and what to try with it. */
import { randomUUID } from 'node:crypto';
import type { ShopDatabase } from '../database/shop-database.ts';
import type { NewDrop } from '../domain/command.ts';

const sample = {
  slug: 'sample-sneaker',
  title: 'Fern Runner, first edition',
  description: 'A light road shoe in forest green. 140 pairs, made once.',
  imageUrl: '/images/sample-sneaker.svg',
  currency: 'EUR',
  perCustomer: 2,
  items: [
    { sku: '41', name: 'EU 41', price: 12_900, stock: 40 },
    { sku: '42', name: 'EU 42', price: 12_900, stock: 60 },
    { sku: '43', name: 'EU 43', price: 13_400, stock: 40 },
  ],
} satisfies Partial<NewDrop>;

/** Returns the body of POST /admin/drops that creates the sample. */
export const sampleRequest = (now: number) => ({
  ...sample,
  startsAt: new Date(now).toISOString(),
  publish: true,
});

/** Creates the sample if the file has no drop yet. */
export async function seedSample(db: ShopDatabase, now: number, holdSeconds: number): Promise<void> {
  if (db.snapshot.drops().length > 0) return;
  const drop: NewDrop = { ...sample, startsAt: now, endsAt: null, holdSeconds, published: true };
  await db.submit({ kind: 'createDrop', actor: 'operator', drop });
}

/** Returns the text of a first run: addresses, and lines to paste into a shell. */
export function whatToTry(url: string, secretsFile: string): string {
  const body = JSON.stringify({
    dropId: sample.slug,
    sku: '42',
    quantity: 1,
    customer: { email: 'you@example.com' },
  });
  return [
    '',
    'Stampede is open:',
    `  shop       ${url}/`,
    `  dashboard  ${url}/admin (the operator's token is in ${secretsFile})`,
    `  docs       ${url}/docs`,
    '',
    'List the drops:',
    `  curl ${url}/drops`,
    'Buy one (a retry with the same key returns the same order):',
    `  curl -X POST ${url}/purchase -H 'content-type: application/json' -H 'idempotency-key: ${randomUUID()}' -d '${body}'`,
    'Open payment.url of the answer in a browser, then view the order with its token:',
    `  curl -H 'authorization: Bearer TOKEN' ${url}/orders/ORDER_ID`,
    '',
  ].join('\n');
}
