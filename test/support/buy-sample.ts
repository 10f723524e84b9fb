/** Buys from the sample drop of a sandbox shop, as its first visitor does. */
import { expect } from 'vitest';

/** Buys a unit, pays for it and reads the order; resolves to the answer to the purchase. */
export async function buySample(url: string): Promise<Response> {
  const json = { 'content-type': 'application/json' };
  const { drops } = (await (await fetch(`${url}/drops`)).json()) as { drops: { slug: string }[] };
  expect(drops).toMatchObject([{ slug: 'sample-sneaker', phase: 'live' }]);
  const bought = await fetch(`${url}/purchase`, {
    method: 'POST',
    headers: { ...json, 'idempotency-key': crypto.randomUUID() },
    body: JSON.stringify({
      dropId: 'sample-sneaker',
      sku: '42',
      quantity: 1,
      customer: { email: `${crypto.randomUUID()}@example.com` },
    }),
  });
  const text = await bought.text();
  expect(bought.status, text).toBe(201);
  const { order, token, payment } = JSON.parse(text);
  expect(payment.url).toBe(`${url}/pay/${order.id}`);
  const paid = await fetch(payment.url, { method: 'POST', headers: json, body: '{"outcome":"paid"}' });
  expect(paid.status).toBe(200);
  const seen = await fetch(`${url}/orders/${order.id}`, { headers: { authorization: `Bearer ${token}` } });
  expect(await seen.json()).toMatchObject({ order: { status: 'paid' }, payments: [{ amount: 12_900 }] });
  return bought;
}
