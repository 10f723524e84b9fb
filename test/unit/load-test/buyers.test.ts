/** The buyers of a load test: distinct, items in proportion to units, payers as requested. */
import { describe, expect, test } from 'vitest';
import { Buyers, contactOf, isPayer } from '../../../src/load-test/buyers.ts';

const items = [
  { sku: 'S', name: 'Small', price: 100, stock: 0 },
  { sku: 'M', name: 'Medium', price: 100, stock: 300 },
  { sku: 'L', name: 'Large', price: 100, stock: 100 },
  { sku: 'XL', name: 'Larger', price: 100, stock: 0 },
];
const makeBuyers = () => new Buyers({ host: '127.0.0.1:20000', dropId: 'drp_1', items });

describe('the buyers', () => {
  test('are all different, and request no item without stock', () => {
    const buyers = makeBuyers();
    const asked = Array.from({ length: 4_000 }, () => buyers.next());
    expect(new Set(asked.map(({ key }) => key)).size).toBe(4_000);
    expect(new Set(asked.map(({ customer }) => contactOf(customer).email)).size).toBe(4_000);
    const wanted = Map.groupBy(asked, ({ sku }) => sku);
    expect([...wanted.keys()].sort()).toEqual(['L', 'M']);
    expect((wanted.get('M')?.length ?? 0) / 1_000).toBeCloseTo(3, 1);
  });

  test.each([0, 0.3, 0.7, 1])('pay for a share of %d, whatever they buy', (paidShare) => {
    const buyers = makeBuyers();
    const asked = Array.from({ length: 4_000 }, () => buyers.next());
    for (const sku of ['M', 'L']) {
      const ofItem = asked.filter((purchase) => purchase.sku === sku);
      const payers = ofItem.filter(({ customer }) => isPayer(customer, paidShare));
      expect(payers.length / ofItem.length).toBeCloseTo(paidShare, 1);
    }
  });

  test('retry with an identical request', () => {
    const buyers = makeBuyers();
    const invoked = buyers.next();
    const text = buyers.purchase(invoked);
    const [head = '', body = ''] = text.split('\r\n\r\n');
    expect(head).toContain(`POST /purchase HTTP/1.1\r\nHost: 127.0.0.1:20000\r\n`);
    expect(head).toContain(`Idempotency-Key: ${invoked.key}\r\nContent-Length: ${body.length}`);
    expect(JSON.parse(body)).toEqual({
      dropId: 'drp_1',
      sku: invoked.sku,
      quantity: 1,
      customer: { email: 'buyer-1@load-test.example' },
    });
    expect(buyers.purchase(invoked)).toBe(text);
  });
});
