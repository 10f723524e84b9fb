/** The buyer's pages around a purchase: what they show, what they escape, what they load. */
import { describe, expect, it } from 'vitest';
import type { Answer } from '../support/client.ts';
import { runtimes, useServer } from '../support/contract-server.ts';
import { expectAnswer } from '../support/scenario.ts';
import { customer, payPath } from '../support/shop.ts';

function expectPage(answer: Answer): void {
  expect(answer.status, answer.text).toBe(200);
  expect(answer.headers['content-type']).toMatch(/^text\/html; ?charset=utf-8$/i);
  expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
  expect(answer.headers['x-content-type-options']).toBe('nosniff');
  expect(answer.headers['cache-control']).toMatch(/no-store/);
  expect(answer.text).toMatch(/^<!doctype html>/i);
}

describe.each(runtimes)('pages on %s', (runtime) => {
  const shop = useServer(runtime);

  it('shows the same page whether the order exists or not', async () => {
    const drop = await shop.createDrop({ title: 'A title not for strangers' });
    const mine = await shop.buy(drop.id, { customer: customer({ name: 'Canary Nadel' }) });
    const absentId = `ord_${'A'.repeat(22)}`;
    const [known, absent] = [
      await shop.send({ path: `/o/${mine.order.id}` }),
      await shop.send({ path: `/o/${absentId}` }),
    ];
    expectPage(known);
    expectPage(absent);
    expect(known.text.replaceAll(mine.order.id, absentId)).toBe(absent.text);
    for (const secret of [mine.token, 'canary', 'Canary', drop.title, drop.slug]) {
      expect(known.text).not.toContain(secret);
    }
  });

  it.each(['absent', '1', '%00', '<script>', 'ord_'])('has no order page for %s', async (id) => {
    expectAnswer(await shop.send({ path: `/o/${encodeURI(id)}` }), { status: 404, code: 'not_found' });
  });

  it('escapes the operator’s text on the payment page', async () => {
    const attack = '<script>alert("x")</script><img src=x onerror=alert(1)>';
    const drop = await shop.createDrop({
      title: attack,
      items: [{ sku: 'one', name: attack, price: 1250, stock: 5 }],
    });
    const page = await shop.send({ path: payPath(await shop.buy(drop.id, { quantity: 2 })) });
    expectPage(page);
    expect(page.text).not.toContain('<script>');
    expect(page.text).not.toContain('<img');
    expect(page.text.split('&lt;script&gt;').length).toBe(3);
    expect(page.text).toMatch(/25[.,]00/);
  });

  it('shows the order’s state on the payment page', async () => {
    const mine = await shop.buy((await shop.createDrop()).id);
    expect((await shop.send({ path: payPath(mine) })).text).toContain('held');
    await shop.pay(mine);
    const paid = await shop.send({ path: payPath(mine) });
    expectPage(paid);
    expect(paid.text).not.toContain('>held<');
  });
});
