/** Webhooks and mail from the event log: delivered at least once, despite receivers and kills. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { canary } from '../support/client.ts';
import { expectCleanEnd, runtimes } from '../support/contract-server.ts';
import { MailReceiver, WebhookReceiver } from '../support/receivers.ts';
import { mailedSale, newBuyer, operatorEmail, untilMailed } from '../support/sent-mails.ts';
import { startServer } from '../support/server-process.ts';
import { dropBody, Shop, unique, until } from '../support/shop.ts';

describe.each(runtimes)('outbound on %s', (runtime) => {
  const shop = new Shop();
  const [good, bad, mail] = [new WebhookReceiver(), new WebhookReceiver(), new MailReceiver()];
  const start = async (databaseFile?: string) => {
    const env = {
      WEBHOOK_URLS: `${bad.url},${good.url}`,
      WEBHOOK_SECRET: good.secret,
      ...mail.envFor(runtime),
      OPERATOR_EMAIL: operatorEmail,
      HOLD_MAIL: 'on',
    };
    shop.open(await startServer({ runtime, env, ...(databaseFile !== undefined && { databaseFile }) }));
  };
  beforeAll(async () => {
    await Promise.all([good.listen(), bad.listen(), mail.listen()]);
    await start();
  });
  beforeEach(() => {
    bad.answer = () => 500;
    mail.refuse = () => null;
  });
  afterAll(async () => {
    await expectCleanEnd(shop.server, shop.tokens);
    expect(shop.server.output()).not.toContain(canary);
    expect([good.forged, bad.forged]).toEqual([0, 0]);
    await Promise.all([good.close(), bad.close(), mail.close()]);
  });

  const waitFor = (receiver: WebhookReceiver, orderId: string, types: string[]) =>
    until(
      async () => receiver.typesOf(orderId),
      (seen) => seen.join() === types.join(),
    );
  const gets = (address: string, subjects: string[]) => untilMailed(mail, address, subjects);

  test('reports a hold, its payment, a refunded second payment, and the sell-out', async () => {
    const { drop, purchase, email } = await mailedSale(shop, mail);
    const { id } = purchase.order;
    await waitFor(good, id, ['order.held', 'order.paid', 'order.refunded']);
    const ofDrop = await until(
      async () => good.received.filter(({ data }) => data.drop?.id === drop.id),
      (seen) => seen.length === 1,
    );
    expect(ofDrop[0]?.type).toBe('drop.sold_out');
    expect(JSON.stringify(good.received)).not.toContain(canary);
    const [held] = mail.received.filter(({ to, text }) => to === email && text.includes('Held for you'));
    expect(held?.text).toContain(`/pay/${id}`);
    expect(held?.text).toContain(`Order number: ${purchase.order.number}`);
    expect(good.received.find(({ data }) => data.order?.id === id)?.data.order).toMatchObject({
      number: purchase.order.number,
    });
  });

  test('reports a hold that was not paid in time', async () => {
    const title = `Late ${unique()}`;
    const drop = await shop.createDrop({ title, holdSeconds: 1 });
    const { email, customer: bob } = newBuyer();
    const { order } = await shop.buy(drop.id, { customer: bob });
    await waitFor(good, order.id, ['order.held', 'order.released']);
    // A Worker's queue is slower than this hold: the e-mail that asks for payment is then not sent.
    const isLate = runtime === 'workerd';
    await gets(email, [...(isLate ? [] : [`Held for you: ${title}`]), `Released: ${title}`]);
    const released = good.received.find(({ data }) => data.reason && data.order?.id === order.id);
    expect(released?.data).toMatchObject({ reason: 'expired', order: { status: 'released' } });
  });

  test('a failing receiver delays no other one, and gets every event once it is back', async () => {
    bad.answer = () => null;
    const drop = await shop.createDrop();
    const purchase = await shop.buy(drop.id);
    await shop.cancel(purchase);
    const { id } = purchase.order;
    await waitFor(good, id, ['order.held', 'order.released']);
    expect(bad.typesOf(id)).toEqual([]);
    bad.answer = () => 204;
    await waitFor(bad, id, ['order.held', 'order.released']);
  });

  test('mail that is refused for now is sent later, and not after a permanent refusal', async () => {
    const drop = await shop.createDrop({ title: 'Refused' });
    const [later, never] = [newBuyer(), newBuyer()];
    let refusals = 0;
    mail.refuse = (to) => {
      if (to === never.email) return 550;
      if (to !== later.email || refusals === 2) return null;
      refusals += 1;
      return 451;
    };
    await shop.buy(drop.id, { customer: never.customer });
    await shop.buy(drop.id, { customer: later.customer });
    await gets(later.email, ['Held for you: Refused']);
    expect(mail.subjectsTo(never.email)).toEqual([]);
  });

  test('a kill loses no undelivered event', async () => {
    good.answer = () => 503;
    const drop = await shop.createDrop(
      dropBody({ items: [{ sku: 'one', name: 'One', price: 1, stock: 50 }] }),
    );
    const purchases = await Promise.all(Array.from({ length: 30 }, () => shop.buy(drop.id)));
    const { databaseFile } = shop.server;
    await shop.server.kill();
    good.answer = () => 200;
    await start(databaseFile);
    for (const { order } of purchases) await waitFor(good, order.id, ['order.held']);
  });

  // Last, so that the stop after it meets deliveries that do not end.
  test('a receiver that never answers delays no other', async () => {
    bad.answer = () => new Promise(() => undefined);
    const drop = await shop.createDrop(
      dropBody({ items: [{ sku: 'one', name: 'One', price: 1, stock: 50 }] }),
    );
    const purchases = await Promise.all(Array.from({ length: 40 }, () => shop.buy(drop.id)));
    for (const { order } of purchases) await waitFor(good, order.id, ['order.held']);
    expect(purchases.flatMap(({ order }) => bad.typesOf(order.id))).toEqual([]);
  });
});
