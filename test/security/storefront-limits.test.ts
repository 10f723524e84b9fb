/** The storefront’s form is subject to the limits of POST /purchase. */
import { describe, expect, test } from 'vitest';
import { ADDRESS_REQUESTS_MAX } from '../../src/domain/client-limits.ts';
import { machines, useServer } from '../support/contract-server.ts';
import { customer } from '../support/shop.ts';
import { spendQuota } from '../support/spent-quota.ts';

describe.each(machines)('the storefront’s form on %s', (runtime) => {
  const shop = useServer(runtime, { RATE_LIMIT: 'on', ADDRESS_UNITS_MAX: '100000' });

  test('counts against the address that sends it', async () => {
    const drop = await shop.createDrop({ items: [{ sku: 'one', name: 'One', price: 1, stock: 1_000 }] });
    const buy = async (): Promise<{ status: number }> => {
      const body = new URLSearchParams({ email: String(customer().email), quantity: '1' });
      const answer = await fetch(`${shop.server.url}/d/${drop.slug}`, {
        method: 'POST',
        body,
        redirect: 'manual',
      });
      await answer.arrayBuffer();
      return { status: answer.status };
    };
    const answers = await spendQuota(ADDRESS_REQUESTS_MAX, buy);
    // Without the cookie of the drop's page, the form's answer is the order or the refusal itself.
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 429]));
  });
});
