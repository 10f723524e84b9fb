/** E-mails of Workers: from the object's log through the real queue to a provider. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { RECIPIENT_MAILS_MAX } from '../../src/domain/delivery-limits.ts';
import { createIds } from '../../src/ids/ids.ts';
import { CATALOGUE_DELAY_MS } from '../../src/limits.ts';
import { readJson } from '../support/client.ts';
import { LoopbackResend } from '../support/loopback-mail.ts';
import { mailedSale, newBuyer, operatorEmail, untilMailed } from '../support/sent-mails.ts';
import { sleep, unique, until } from '../support/shop.ts';
import { useEdgeShop } from './worker-under-test.ts';

const resend = new LoopbackResend();
beforeAll(async () => void (await resend.listen()));
afterAll(() => resend.close());
afterEach(() => {
  resend.refuse = () => null;
});

describe('e-mails', () => {
  const shop = useEdgeShop(() => ({
    ...resend.env,
    PUBLIC_URL: 'https://shop.example',
    OPERATOR_EMAIL: operatorEmail,
    HOLD_MAIL: 'on',
  }));
  const gets = (address: string, subjects: string[]) => untilMailed(resend, address, subjects);
  const isDown = () => resend.error(503, 'application_error');
  /** The queue redelivers the first e-mails of an order's drop, and the provider gets one. */
  const sendAgain = async (orderId: string) => {
    const asked = resend.asked.length;
    const shardId = createIds(shop.server.secretKey).shardIdOf(orderId);
    await shop.queue(...Array.from({ length: 8 }, (_, index) => ({ shardId, seq: index + 1 })));
    await until(
      async () => resend.asked.length,
      (count) => count > asked,
    );
  };

  test('report a hold, its payment, a refund and the sell-out', async () => {
    const { title, drop, purchase } = await mailedSale(shop, resend);
    const paid = resend.accepted.find(({ subject }) => subject === `Paid: ${title}`);
    const { order, token } = purchase;
    expect(paid?.text).toContain(`https://shop.example/o/${order.id}#${token}`);
    expect(paid?.headers['X-Entity-Ref-ID']).toMatch(/^<evt_[\w-]{22}@shop\.example>$/);
    const { subscribers } = readJson<{
      subscribers: { name: string; target: string; eventsBehind: number }[];
    }>(await shop.admin({ path: `/admin/subscribers?dropId=${drop.id}` }));
    expect(subscribers.find(({ name }) => name === 'mail')).toMatchObject({
      target: new URL(resend.url).host,
      eventsBehind: 0,
    });
  });

  test('wait for a provider that is down, although their object ends meanwhile', async () => {
    resend.refuse = isDown;
    const title = `Oak ${unique()}`;
    const { email, customer: bob } = newBuyer();
    await shop.buy((await shop.createDrop({ title })).id, { customer: bob });
    await until(async () => resend.attempts.includes(email), Boolean);
    await shop.evict();
    resend.refuse = () => null;
    await gets(email, [`Held for you: ${title}`]);
  });

  test('to a refused recipient delay no others', async () => {
    const [refused, other] = [newBuyer(), newBuyer()];
    resend.refuse = (to) => (to === refused.email ? resend.error(422, 'validation_error') : null);
    const title = `Ash ${unique()}`;
    const drop = await shop.createDrop({ title });
    for (const one of [refused, other]) await shop.buy(drop.id, { customer: one.customer });
    await gets(other.email, [`Held for you: ${title}`]);
    expect(resend.subjectsTo(refused.email)).toEqual([]);
    resend.refuse = () => null;
    await gets(refused.email, [`Held for you: ${title}`]);
  });

  test('that arrive twice in the queue are the same e-mail', async () => {
    const title = `Elm ${unique()}`;
    const { email, customer: eve } = newBuyer();
    const { order } = await shop.buy((await shop.createDrop({ title })).id, { customer: eve });
    await gets(email, [`Held for you: ${title}`]);
    await sendAgain(order.id);
    // With another key there would be two.
    expect(resend.subjectsTo(email)).toHaveLength(1);
  });

  test('are not sent once the data of their customer is deleted', async () => {
    resend.refuse = isDown;
    const title = `Yew ${unique()}`;
    const [gone, later] = [newBuyer(), newBuyer()];
    const drop = await shop.createDrop({ title });
    await shop.cancel(await shop.buy(drop.id, { customer: gone.customer }));
    await until(async () => resend.attempts.includes(gone.email), Boolean);
    const erased = await shop.admin({
      method: 'POST',
      path: '/admin/customers/erase',
      json: { email: gone.email },
    });
    expect(erased.status).toBe(200);
    resend.refuse = () => null;
    const { order } = await shop.buy(drop.id, { customer: later.customer });
    await gets(later.email, [`Held for you: ${title}`]);
    // Failed e-mails wait seconds for their next attempt: these come at once, the later customer's
    // last.
    await sendAgain(order.id);
    expect(resend.subjectsTo(gone.email)).toEqual([]);
  });

  test('with lost links list the orders of every drop, once for each request', async () => {
    const { email, customer: kim } = newBuyer();
    const title = `Larch ${unique()}`;
    const purchases = [];
    for (const one of ['A', 'B'])
      purchases.push(
        await shop.buy((await shop.createDrop({ title: `${title} ${one}` })).id, { customer: kim }),
      );
    await gets(email, [`Held for you: ${title} A`, `Held for you: ${title} B`]);
    const find = (address: string) =>
      shop.send({ method: 'POST', path: '/orders/find', json: { email: address } });
    expect((await find(newBuyer().email)).status).toBe(202);
    expect((await find(email.toUpperCase())).text).toBe('{"accepted":true}');
    const mailsTo = () =>
      resend.accepted.filter(({ to, subject }) => to === email && subject === 'Your orders');
    const [mail] = await until(
      async () => mailsTo(),
      (mails) => mails.length === 1,
    );
    for (const { order, token } of purchases)
      expect(mail?.text).toContain(`https://shop.example/o/${order.id}#${token}`);
    // The newest order comes first.
    expect(mail?.text.indexOf(`${title} B`)).toBeLessThan(mail?.text.indexOf(`${title} A`) ?? 0);
  });

  test('with lost links wake no object of an ended drop without orders of the customer', async () => {
    const [mine, ...others] = await Promise.all(Array.from({ length: 5 }, () => shop.createDrop()));
    const { email, customer: ann } = newBuyer();
    await shop.buy(mine?.id ?? '', { customer: ann });
    const keys = others.map(({ id }) => createIds(shop.server.secretKey).parseDrop(id) ?? 0);
    await until(
      () =>
        shop.catalogue(
          'select 1 from subscribers where name in (?, ?, ?, ?)',
          ...keys.map((key) => `customers:${key}`),
        ),
      (reported) => reported.length === keys.length,
    );
    await shop.catalogue('update drops set starts_at = 0, ends_at = 1 where id in (?, ?, ?, ?)', ...keys);
    // Their last alarms have ended.
    await sleep(3 * CATALOGUE_DELAY_MS);
    for (const key of keys) await shop.end(key);
    const { wokenShardIds: before } = await shop.fault();
    await shop.send({ method: 'POST', path: '/orders/find', json: { email } });
    await until(
      async () => resend.subjectsTo(email),
      (subjects) => subjects.includes('Your order'),
    );
    const woken = (await shop.fault()).wokenShardIds.slice(before.length);
    expect(keys.filter((key) => woken.includes(String(key)))).toEqual([]);
  });

  test('with lost links are bounded for a customer over all drops', async () => {
    const { email, customer: lee } = newBuyer();
    const title = `Hazel ${unique()}`;
    await shop.buy((await shop.createDrop({ title })).id, { customer: lee });
    await gets(email, [`Held for you: ${title}`]);
    for (let asked = 0; asked < RECIPIENT_MAILS_MAX.links + 2; asked += 1)
      await shop.send({ method: 'POST', path: '/orders/find', json: { email } });
    const links = Array.from({ length: RECIPIENT_MAILS_MAX.links }, () => 'Your order');
    await gets(email, [`Held for you: ${title}`, ...links]);
    // After them in the queue.
    const last = newBuyer();
    await shop.buy((await shop.createDrop({ title })).id, { customer: last.customer });
    await gets(last.email, [`Held for you: ${title}`]);
    expect(resend.subjectsTo(email)).toHaveLength(1 + RECIPIENT_MAILS_MAX.links);
  });

  test('of a moved drop are sent once, by its old shard', async () => {
    resend.refuse = isDown;
    const title = `Fir ${unique()}`;
    const { email, customer: fay } = newBuyer();
    const drop = await shop.createDrop({ title });
    const purchase = await shop.buy(drop.id, { customer: fay });
    await shop.pay(purchase);
    await shop.patchDrop(drop.id, { paused: true });
    const moved = await shop.admin({ method: 'POST', path: `/admin/drops/${drop.id}/export` });
    expect(moved.status).toBe(200);
    resend.refuse = () => null;
    await gets(email, [`Paid: ${title}`]);
  });
});
