/** Payment in a real browser: an order's payment URL opens, its button pays, the order is paid. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectCleanEnd } from '../support/contract-server.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';
import { hasNoChromium, launchChromium, withPatience } from './chromium.ts';

describe.skipIf(hasNoChromium)('the pay page in a browser', () => {
  let server: ServerProcess;
  let browser: Browser;
  beforeAll(async () => {
    server = await startServer({ args: ['--dev'] });
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    if (server) await expectCleanEnd(server);
  });

  const buy = async (): Promise<{ order: { id: string }; token: string; payment: { url: string } }> => {
    const response = await fetch(`${server.url}/purchase`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        dropId: 'sample-sneaker',
        sku: '43',
        quantity: 1,
        customer: { email: `${crypto.randomUUID()}@example.com` },
      }),
    });
    return (await response.json()) as Awaited<ReturnType<typeof buy>>;
  };
  const statusOf = async (id: string, token: string): Promise<string> => {
    const response = await fetch(`${server.url}/orders/${id}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    return ((await response.json()) as { order: { status: string } }).order.status;
  };

  test.each([
    ['Pay', 'paid', true],
    ['Decline the payment', 'held', true],
    ['Pay', 'paid', false],
  ])('"%s" leaves the order %s (script on: %s)', async (label, status, javaScriptEnabled) => {
    const { order, token, payment } = await buy();
    const page = await withPatience(await browser.newContext({ javaScriptEnabled })).newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(payment.url);
    expect(await page.textContent('dl')).toContain('€134.00');
    await page.getByRole('button', { name: label, exact: true }).click();
    await page.waitForURL(`**/o/${order.id}?from=${status === 'paid' ? 'paid' : 'declined'}`);
    expect(await page.textContent('h1')).toBe('Your order');
    expect(await statusOf(order.id, token)).toBe(status);
    // The policy allows the page's style sheet, and nothing else was requested.
    expect(complaints.filter((text) => !text.includes('favicon'))).toEqual([]);
    await page.close();
  });
});
